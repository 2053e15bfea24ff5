# Written by privdns VERSION
#
# Asks the Azure CLI for everything that private DNS depends on, and puts the
# answers below one directory, for `privdns check`. It reads from Azure and
# changes nothing there.
#
# Run it again after a failure or an interruption: what is there is kept and not
# asked for again. To collect anew, remove the directory first.
#
# Exit status: 0 everything is there, 1 some calls failed, 2 it could not be done.
# Runs in PowerShell 7 and in Windows PowerShell 5.1.

$directory = DIRECTORY
# Names or ids; without any, the one that `az account show` tells.
$subscriptions = SUBSCRIPTIONS
$all = ALL
# The resources that have names: a file, and the command that lists them.
$services = SERVICES

# What az writes to standard error is no reason to stop.
$ErrorActionPreference = 'Continue'
$PSNativeCommandUseErrorActionPreference = $false

$state = @{
    Fetched    = 0
    Kept       = 0
    Failures   = New-Object Collections.Generic.List[string]
    LockedOut  = $false
    WantsLogin = $false
}

function Write-Message([string] $Message) {
    [Console]::Error.WriteLine($Message)
}

# Runs az, and tells its exit status, its answer and what it complained of.
function Invoke-AzureCli([string[]] $Arguments) {
    $every = $Arguments + '--only-show-errors'
    $lines = @(& $az @every 2>&1)
    $status = $LASTEXITCODE
    $said = @($lines | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | ForEach-Object { "$_" })
    $answer = @($lines | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] })
    return @{ Status = $status; Answer = ($answer -join "`n"); Said = (($said -join "`n").Trim()) }
}

function Add-Failure([string[]] $Arguments, [string] $Message) {
    if ($Message -eq '') { $Message = 'it gave no reason' }
    $Message = '    ' + ($Message -replace '\r?\n', "`n    ")
    $state.Failures.Add("  az $($Arguments -join ' ')`n$Message")
}

# Whether a text is a whole JSON list as az writes it.
function Test-List([string] $Text) {
    $Text = $Text.Trim()
    $last = $Text.Substring($Text.LastIndexOf("`n") + 1)
    return $Text -clike '`[*' -and ($last -ceq ']' -or $last -clike '`[*`]')
}

# A name as part of a file's name; names that differ stay different.
function Get-FileName([string] $Name) {
    $octets = [Text.Encoding]::UTF8.GetBytes($Name)
    $text = ''
    foreach ($octet in $octets) {
        $character = [string] [char] $octet
        if ($character -cmatch '\A[A-Za-z0-9._-]\z') { $text += $character }
        else { $text += '%{0:x2}' -f $octet }
    }
    if ($text.Length -gt 100) {
        $hash = [Security.Cryptography.SHA256]::Create().ComputeHash($octets)
        $text = $text.Substring(0, 100) + '~' + [BitConverter]::ToString($hash, 0, 4).Replace('-', '')
    }
    return $text
}

# Puts the answer of az into a file, unless it is there, and tells whether it is.
function Get-List([string] $File, [string[]] $Arguments) {
    if ([IO.File]::Exists($File) -and (Test-List ([IO.File]::ReadAllText($File)))) {
        $state.Kept++
        return $true
    }
    if ($state.LockedOut) { return $false }
    Write-Message "az $($Arguments -join ' ')"
    $result = Invoke-AzureCli ($Arguments + @('-o', 'json'))
    $message = $result.Said
    if ($result.Status -eq 0) {
        if (Test-List $result.Answer) {
            $part = "$File.part"
            try {
                [IO.File]::WriteAllText($part, $result.Answer + "`n", (New-Object Text.UTF8Encoding $false))
                if ([IO.File]::Exists($File)) { [IO.File]::Delete($File) }
                [IO.File]::Move($part, $File)
                $state.Fetched++
                return $true
            }
            catch { $message = $_.Exception.Message }
            finally { if ([IO.File]::Exists($part)) { [IO.File]::Delete($part) } }
        }
        else { $message = 'expected a JSON list, found something else' }
    }
    elseif ($message -cmatch 'MissingSubscriptionRegistration|SubscriptionNotRegistered') {
        Write-Message 'note: the subscription does not use this service'
        return $false
    }
    elseif ($message -cmatch 'az login|AADSTS') {
        # Every further call to this subscription would fail alike.
        $state.LockedOut = $true
        $state.WantsLogin = $true
    }
    Add-Failure $Arguments $message
    return $false
}

# Fetches a list, and returns resource group and name of each item.
function Get-Items([string] $File, [string[]] $Arguments) {
    if (-not (Get-List $File $Arguments)) { return }
    $text = [IO.File]::ReadAllText($File)
    # As az writes a list, the items' own ids are indented by four blanks.
    $ids = @([regex]::Matches($text, '(?m)^    "id": "([^"\\]*)",?\r?$') | ForEach-Object { $_.Groups[1].Value })
    if ($ids.Count -eq 0 -and ($text -replace '\s', '') -ne '[]') {
        $every = $Arguments + @('--query', '[].id', '-o', 'tsv')
        $result = Invoke-AzureCli $every
        if ($result.Status -ne 0) {
            Add-Failure $every $result.Said
            return
        }
        $ids = @($result.Answer -split '\r?\n')
    }
    foreach ($id in $ids) {
        # /subscriptions/ID/resourceGroups/GROUP/providers/NAMESPACE/TYPE/NAME
        $parts = $id.Split('/')
        if ($parts.Length -gt 8) { @{ Group = $parts[4]; Name = $parts[8] } }
    }
}

# Fetches what belongs to one item.
# Values are joined to their options by `=`, since a name may begin with `-`.
function Get-Child([string] $Prefix, $Item, [string] $Option, [string[]] $Command) {
    $file = [IO.Path]::Combine($here, "$Prefix.$(Get-FileName $Item.Name)@$(Get-FileName $Item.Group).json")
    $arguments = $Command + @("--subscription=$subscription", "--resource-group=$($Item.Group)", "$Option=$($Item.Name)")
    $null = Get-List $file $arguments
}

function Get-Subscription([string] $subscription) {
    $here = [IO.Path]::Combine($root, (Get-FileName $subscription))
    $state.LockedOut = $false
    $null = [IO.Directory]::CreateDirectory($here)
    $of = "--subscription=$subscription"
    foreach ($zone in @(Get-Items "$here/zones.json" @('network', 'private-dns', 'zone', 'list', $of))) {
        Get-Child 'records' $zone '--zone-name' @('network', 'private-dns', 'record-set', 'list')
        Get-Child 'links' $zone '--zone-name' @('network', 'private-dns', 'link', 'vnet', 'list')
    }
    $null = Get-List "$here/vnets.json" @('network', 'vnet', 'list', $of)
    foreach ($endpoint in @(Get-Items "$here/private-endpoints.json" @('network', 'private-endpoint', 'list', $of))) {
        Get-Child 'zone-groups' $endpoint '--endpoint-name' @('network', 'private-endpoint', 'dns-zone-group', 'list')
    }
    # The addresses of endpoints, and interfaces with DNS servers of their own.
    $null = Get-List "$here/interfaces.json" @('network', 'nic', 'list', $of)
    # Of machines, no more than what they are registered as.
    $machines = '[].{id: id, name: name, type: type, networkProfile: networkProfile, osProfile: {computerName: osProfile.computerName}}'
    $null = Get-List "$here/machines.json" @('vm', 'list', $of, '--query', $machines)
    $null = Get-List "$here/firewalls.json" @('network', 'firewall', 'list', $of)
    $null = Get-List "$here/firewall-policies.json" @('network', 'firewall', 'policy', 'list', $of)
    foreach ($service in $services) {
        $list, $words = $service -split ' ', 2
        $null = Get-List "$here/$list.json" (@($words -split ' ') + @($of))
    }
    if ($resolvers) {
        foreach ($resolver in @(Get-Items "$here/resolvers.json" @('dns-resolver', 'list', $of))) {
            Get-Child 'inbound-endpoints' $resolver '--dns-resolver-name' @('dns-resolver', 'inbound-endpoint', 'list')
            Get-Child 'outbound-endpoints' $resolver '--dns-resolver-name' @('dns-resolver', 'outbound-endpoint', 'list')
        }
        foreach ($ruleset in @(Get-Items "$here/rulesets.json" @('dns-resolver', 'forwarding-ruleset', 'list', $of))) {
            Get-Child 'forwarding-rules' $ruleset '--ruleset-name' @('dns-resolver', 'forwarding-rule', 'list')
            Get-Child 'ruleset-links' $ruleset '--ruleset-name' @('dns-resolver', 'vnet-link', 'list')
        }
    }
    # A subscription that told nothing leaves no empty directory.
    if ([IO.Directory]::GetFileSystemEntries($here).Length -eq 0) { [IO.Directory]::Delete($here) }
}

# `az` is a batch file on Windows, which stumbles over brackets in names; `azps` is not.
$az = Get-Command azps, az -CommandType Application, ExternalScript -ErrorAction SilentlyContinue |
    Select-Object -First 1
if (-not $az) {
    Write-Message 'error: `az` is not on PATH: expected the Azure CLI, https://aka.ms/azure-cli'
    exit 2
}

$encoding = $null
try {
    if ([Environment]::OSVersion.Platform -eq 'Win32NT') {
        # az writes in the code page of Windows, not in that of the console.
        try {
            $page = (Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Nls\CodePage').ACP
            $encoding = [Console]::OutputEncoding
            [Console]::OutputEncoding = [Text.Encoding]::GetEncoding([int] $page)
        }
        catch { Write-Message 'note: names with other than ASCII letters may not be understood' }
    }

    $account = Invoke-AzureCli @('account', 'show', '--query', 'id', '-o', 'tsv')
    if ($account.Status -ne 0) {
        Write-Message $account.Said
        Write-Message 'error: not logged in to Azure: run `az login` first'
        exit 2
    }

    $version = Invoke-AzureCli @('version', '-o', 'json')
    if ($version.Answer -cmatch '"azure-cli": "(\d+)\.(\d+)') {
        if ([version] "$($Matches[1]).$($Matches[2])" -lt [version] '2.66') {
            Write-Message "warning: az $($Matches[1]).$($Matches[2]) leaves ``resolutionPolicy`` out of links, expected 2.66 or later:"
            Write-Message '         whether a link falls back to public DNS cannot be told'
        }
    }

    $extensions = Invoke-AzureCli @('extension', 'list', '--query', '[].name', '-o', 'tsv')
    $resolvers = @($extensions.Answer -split '\s+') -ccontains 'dns-resolver'
    if (-not $resolvers) {
        Write-Message 'note: DNS resolvers and their forwarding rules are left out, since az lacks its extension;'
        Write-Message '      `az extension add --name dns-resolver` adds it'
    }

    $root = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($directory)
    try { $null = [IO.Directory]::CreateDirectory($root) }
    catch {
        Write-Message "error: cannot make the directory ``$directory``: $($_.Exception.Message)"
        exit 2
    }

    $ids = @($account.Answer.Trim())
    if ($all) {
        $list = Invoke-AzureCli @('account', 'list', '--query', '[].id', '-o', 'tsv')
        if ($list.Status -ne 0) {
            Write-Message $list.Said
            Write-Message 'error: cannot list the subscriptions'
            exit 2
        }
        $ids = @($list.Answer -split '\s+' | Where-Object { $_ -ne '' })
    }
    elseif ($subscriptions.Count -gt 0) {
        $ids = @()
        foreach ($wanted in $subscriptions) {
            $arguments = @('account', 'show', "--subscription=$wanted", '--query', 'id', '-o', 'tsv')
            $found = Invoke-AzureCli $arguments
            if ($found.Status -eq 0) { $ids += $found.Answer.Trim() }
            else { Add-Failure $arguments $found.Said }
        }
    }
    foreach ($id in $ids) { Get-Subscription $id }
}
finally {
    if ($encoding) { [Console]::OutputEncoding = $encoding }
}

$failed = $state.Failures.Count
Write-Message "$($state.Fetched) lists collected in ``$directory``, $($state.Kept) were there already, $failed failed"
if ($failed -gt 0) {
    foreach ($failure in $state.Failures) { Write-Message $failure }
    Write-Message 'run this again to ask for what failed; the rest is kept'
    if ($state.WantsLogin) {
        Write-Message 'error: Azure wants another login: run `az login`'
        if ($state.Fetched + $state.Kept -eq 0) { exit 2 }
    }
    exit 1
}
Write-Message "next: privdns check $directory"
exit 0
