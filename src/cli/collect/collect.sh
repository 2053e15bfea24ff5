#!/bin/sh
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
# shellcheck disable=SC2016
set -u

directory=DIRECTORY
# Names or ids; without any, the one that `az account show` tells.
set -- SUBSCRIPTIONS
all=ALL

newline='
'
fetched=0
kept=0
failed=0
failures=
locked_out=no
wants_login=no
part=

tell() {
    printf '%s\n' "$*" >&2
}

stop() {
    tell "error: $*"
    exit 2
}

# Whether a file holds a whole JSON list as `az` writes it.
is_list() {
    [ -s "$1" ] || return 1
    case $(head -n 1 "$1") in
        '['*) ;;
        *) return 1 ;;
    esac
    case $(tail -n 1 "$1" | tr -d '\r') in
        ']' | '['*']') ;;
        *) return 1 ;;
    esac
}

# Prints a name as part of a file's name; names that differ stay different.
file_name() (
    LC_ALL=C
    export LC_ALL
    case $1 in
        *[!A-Za-z0-9._-]*)
            text=
            for octet in $(printf '%s' "$1" | od -An -v -tx1); do
                case $octet in
                    # - . _ 0-9 A-Z a-z
                    2d | 2e | 5f | 3[0-9] | 4[1-9a-f] | 5[0-9a] | 6[1-9a-f] | 7[0-9a])
                        # shellcheck disable=SC2059
                        text=$text$(printf "\\$(printf '%03o' "0x$octet")")
                        ;;
                    *) text=$text%$octet ;;
                esac
            done
            ;;
        *) text=$1 ;;
    esac
    if [ "${#text}" -gt 100 ]; then
        sum=$(printf '%s' "$1" | cksum)
        text=$(printf '%.100s' "$text")~${sum%% *}
    fi
    printf '%s' "$text"
)

# fetch FILE ARGUMENT...: puts the answer of `az ARGUMENT...` into a file, unless
# it is there.
fetch() {
    file=$1
    shift
    if is_list "$file"; then
        kept=$((kept + 1))
        return 0
    fi
    [ "$locked_out" = no ] || return 1
    tell "az $*"
    part=$file.part
    # Without its own standard input, az would read the loop's.
    if message=$(az "$@" --only-show-errors -o json 2>&1 >"$part" </dev/null); then
        if is_list "$part" && mv -f "$part" "$file"; then
            part=
            fetched=$((fetched + 1))
            return 0
        fi
        message="expected a JSON list, found something else"
    fi
    rm -f "$part"
    part=
    case $message in
        *MissingSubscriptionRegistration* | *SubscriptionNotRegistered*)
            tell "note: the subscription does not use this service"
            return 1
            ;;
        *"az login"* | *AADSTS*)
            # Every further call to this subscription would fail alike.
            locked_out=yes
            wants_login=yes
            ;;
    esac
    failed=$((failed + 1))
    message=$(printf '%s\n' "${message:-it gave no reason}" | sed 's/^/    /')
    failures="$failures  az $*$newline$message$newline"
    return 1
}

# items FILE ARGUMENT...: sets `ids` to those of the items that `az ARGUMENT...`
# put into a file, one a line.
items() {
    file=$1
    shift
    # As az writes a list, the items' own ids are indented by four blanks.
    ids=$(tr -d '\r' <"$file" | sed -n 's/^    "id": "\([^"\\]*\)",\{0,1\}$/\1/p')
    if [ -n "$ids" ] || [ "$(tr -d ' \r\n' <"$file")" = '[]' ]; then
        return 0
    fi
    if ids=$(az "$@" --query '[].id' --only-show-errors -o tsv </dev/null); then
        ids=$(printf '%s\n' "$ids" | tr -d '\r')
        return 0
    fi
    failed=$((failed + 1))
    failures="$failures  az $* --query '[].id'$newline    its message is above$newline"
    return 1
}

# each FUNCTION FILE ARGUMENT...: fetches a list, and calls the function with the
# resource group and the name of each item.
each() {
    visit=$1
    shift
    fetch "$@" && items "$@" || return 1
    # /subscriptions/ID/resourceGroups/GROUP/providers/NAMESPACE/TYPE/NAME
    while IFS=/ read -r _ _ _ _ group _ _ _ name; do
        [ -z "$name" ] || "$visit" "$group" "$name"
    done <<IDS
$ids
IDS
}

# Values are joined to their options by `=`, since a name may begin with `-`.

zone() {
    suffix=$(file_name "$2")@$(file_name "$1").json
    fetch "$here/records.$suffix" network private-dns record-set list \
        "--subscription=$subscription" "--resource-group=$1" "--zone-name=$2"
    fetch "$here/links.$suffix" network private-dns link vnet list \
        "--subscription=$subscription" "--resource-group=$1" "--zone-name=$2"
}

endpoint() {
    suffix=$(file_name "$2")@$(file_name "$1").json
    fetch "$here/zone-groups.$suffix" network private-endpoint dns-zone-group list \
        "--subscription=$subscription" "--resource-group=$1" "--endpoint-name=$2"
}

resolver() {
    suffix=$(file_name "$2")@$(file_name "$1").json
    fetch "$here/inbound-endpoints.$suffix" dns-resolver inbound-endpoint list \
        "--subscription=$subscription" "--resource-group=$1" "--dns-resolver-name=$2"
    fetch "$here/outbound-endpoints.$suffix" dns-resolver outbound-endpoint list \
        "--subscription=$subscription" "--resource-group=$1" "--dns-resolver-name=$2"
}

ruleset() {
    suffix=$(file_name "$2")@$(file_name "$1").json
    fetch "$here/forwarding-rules.$suffix" dns-resolver forwarding-rule list \
        "--subscription=$subscription" "--resource-group=$1" "--ruleset-name=$2"
    fetch "$here/ruleset-links.$suffix" dns-resolver vnet-link list \
        "--subscription=$subscription" "--resource-group=$1" "--ruleset-name=$2"
}

machines='[].{id: id, name: name, type: type, networkProfile: networkProfile, osProfile: {computerName: osProfile.computerName}}'

collect() {
    subscription=$1
    here=$directory/$(file_name "$subscription")
    locked_out=no
    mkdir -p "$here" || stop "cannot make the directory \`$here\`"
    each zone "$here/zones.json" network private-dns zone list "--subscription=$subscription"
    fetch "$here/vnets.json" network vnet list "--subscription=$subscription"
    each endpoint "$here/private-endpoints.json" \
        network private-endpoint list "--subscription=$subscription"
    # The addresses of endpoints, and interfaces with DNS servers of their own.
    fetch "$here/interfaces.json" network nic list "--subscription=$subscription"
    # Of machines, no more than what they are registered as.
    fetch "$here/machines.json" vm list "--subscription=$subscription" --query "$machines"
    fetch "$here/firewalls.json" network firewall list "--subscription=$subscription"
    fetch "$here/firewall-policies.json" \
        network firewall policy list "--subscription=$subscription"
    while read -r list words; do
        # shellcheck disable=SC2086
        fetch "$here/$list.json" $words "--subscription=$subscription"
    done <<SERVICES
SERVICES
    if [ "$resolvers" = yes ]; then
        each resolver "$here/resolvers.json" dns-resolver list "--subscription=$subscription"
        each ruleset "$here/rulesets.json" \
            dns-resolver forwarding-ruleset list "--subscription=$subscription"
    fi
    # A subscription that told nothing leaves no empty directory.
    rmdir "$here" 2>/dev/null
}

trap '[ -z "$part" ] || rm -f "$part"; exit 130' HUP INT TERM

command -v az >/dev/null 2>&1 ||
    stop '`az` is not on PATH: expected the Azure CLI, https://aka.ms/azure-cli'
current=$(az account show --query id --only-show-errors -o tsv </dev/null) ||
    stop 'not logged in to Azure: run `az login` first'

version=$(az version --only-show-errors -o json </dev/null |
    sed -n 's/.*"azure-cli": "\([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p')
if [ -n "$version" ]; then
    if [ "${version%.*}" -lt 2 ] || { [ "${version%.*}" -eq 2 ] && [ "${version#*.}" -lt 66 ]; }; then
        tell "warning: az $version leaves \`resolutionPolicy\` out of links, expected 2.66 or later:"
        tell "         whether a link falls back to public DNS cannot be told"
    fi
fi

resolvers=no
for extension in $(az extension list --query '[].name' --only-show-errors -o tsv </dev/null | tr -d '\r'); do
    [ "$extension" != dns-resolver ] || resolvers=yes
done
[ "$resolvers" = yes ] || {
    tell 'note: DNS resolvers and their forwarding rules are left out, since az lacks its extension;'
    tell '      `az extension add --name dns-resolver` adds it'
}

mkdir -p "$directory" || stop "cannot make the directory \`$directory\`"
if [ "$all" = yes ]; then
    current=$(az account list --query '[].id' --only-show-errors -o tsv </dev/null) ||
        stop 'cannot list the subscriptions'
fi
if [ $# -eq 0 ]; then
    while read -r id; do
        [ -z "$id" ] || collect "$id"
    done <<IDS
$(printf '%s\n' "$current" | tr -d '\r')
IDS
else
    for wanted in "$@"; do
        if id=$(az account show "--subscription=$wanted" --query id --only-show-errors -o tsv </dev/null); then
            collect "$(printf '%s\n' "$id" | tr -d '\r')"
        else
            failed=$((failed + 1))
            failures="$failures  az account show --subscription=$wanted$newline    its message is above$newline"
        fi
    done
fi

tell "$fetched lists collected in \`$directory\`, $kept were there already, $failed failed"
if [ "$failed" -gt 0 ]; then
    printf '%s' "$failures" >&2
    tell 'run this again to ask for what failed; the rest is kept'
    if [ "$wants_login" = yes ]; then
        tell 'error: Azure wants another login: run `az login`'
        [ $((fetched + kept)) -gt 0 ] || exit 2
    fi
    exit 1
fi
tell "next: privdns check $directory"
