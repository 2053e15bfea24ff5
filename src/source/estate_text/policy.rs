//! DNS security policies and domain lists in `.estate` text.

use std::fmt::Write as _;

use super::forwarding::{flags, write_links};
use super::{Problem, Reader, Word, at, id_of, option, options, parse, plain, word};
use crate::estate::{
    BlockResponse, DomainList, Estate, Origin, PolicyAction, PolicyRule, ResourceId, RulesetLink,
    SecurityPolicy,
};

/// All actions, by their names.
const ACTIONS: [PolicyAction; 4] = [
    PolicyAction::Allow,
    PolicyAction::Alert,
    PolicyAction::Block(BlockResponse::Alias),
    PolicyAction::Block(BlockResponse::ServFail),
];

/// How a list that Azure keeps is marked.
const MANAGED: &str = "managed:";

impl<'t> Reader<'t, '_> {
    pub(super) fn domain_list(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let (rest, flags) = flags(words, &["partial"]);
        let (name, options) = options(&rest, first, &["id"])?;
        let id = options.iter().map(|(_, value)| id_of(value)).next().transpose()?;
        let (name, partial) = (name.text.to_string(), !flags.is_empty());
        let list = DomainList { name, id, domains: Vec::new(), partial, origin };
        self.open = super::Open::DomainList(list);
        Ok(())
    }

    pub(super) fn domains(&mut self, words: &[Word<'t>]) -> Result<(), Problem> {
        for word in words {
            let domain = DomainList::domain(self.assembly.names(), &word.text);
            let domain = domain.map_err(|message| at(word, message))?;
            if let super::Open::DomainList(list) = &mut self.open {
                list.domains.push(domain);
            }
        }
        Ok(())
    }

    pub(super) fn security_policy(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let (rest, flags) = flags(words, &["unread", "links-unread", "partial"]);
        let flag = |text: &str| flags.iter().any(|flag| flag == text);
        let (name, options) = options(&rest, first, &["link", "id"])?;
        let mut policy = SecurityPolicy::new(name.text.to_string(), None, origin);
        policy.rules_listed = !flag("unread");
        policy.links_listed = !flag("links-unread");
        policy.refused = u32::from(flag("partial"));
        for (option, value) in options {
            match &*option.text {
                "link" => {
                    let link = self.link(value)?;
                    let (name, vnet, pending) = (link.name, link.vnet, link.pending);
                    policy.links.push(RulesetLink { name, vnet, pending, origin: link.origin });
                }
                _ => policy.id = Some(id_of(value)?),
            }
        }
        self.open = super::Open::Policy(policy);
        Ok(())
    }

    /// `PRIORITY ACTION LIST… [!disabled] [!name RULE]`
    pub(super) fn policy_rule(
        &mut self,
        words: &[Word<'t>],
        origin: Origin,
    ) -> Result<PolicyRule, Problem> {
        let (priority, rest) = (&words[0], &words[1..]);
        let priority_value = parse(priority, "a priority such as `100`")?;
        let Some((action, lists)) = rest.split_first() else {
            return Err(at(
                priority,
                "expected `allow`, `alert`, `block` or `block-servfail` after it",
            ));
        };
        let known = ACTIONS.into_iter().find(|known| known.name() == action.text);
        let known = known.ok_or_else(|| {
            let expected = "expected `allow`, `alert`, `block` or `block-servfail`";
            at(action, format!("{expected}, found `{}`", action.text))
        })?;
        let mut rule = PolicyRule {
            name: String::new(),
            priority: priority_value,
            action: known,
            enabled: true,
            lists: Vec::new(),
            managed: Vec::new(),
            origin,
        };
        let mut lists = lists.iter();
        while let Some(word) = lists.next() {
            match &*word.text {
                "!disabled" => rule.enabled = false,
                "!name" => {
                    let name =
                        lists.next().ok_or_else(|| at(word, "expected a name after `!name`"))?;
                    rule.name = name.text.to_string();
                }
                text => match text.strip_prefix(MANAGED) {
                    Some(managed) => rule.managed.push(managed.into()),
                    None => rule.lists.push(text.into()),
                },
            }
        }
        Ok(rule)
    }
}

pub(super) fn write(estate: &Estate, text: &mut String) {
    for list in &estate.domain_lists {
        let _ = write!(text, "\ndomain-list {}", word(&list.name));
        option(text, "id", list.id.as_ref().map(ResourceId::as_str));
        text.push_str(if list.partial { "  partial\n" } else { "\n" });
        for &domain in &list.domains {
            let _ = writeln!(text, "  {}", plain(&estate.names.show(domain).to_string()));
        }
    }
    for policy in &estate.policies {
        let _ = write!(text, "\nsecurity-policy {}", word(&policy.name));
        option(text, "id", policy.id.as_ref().map(ResourceId::as_str));
        write_links(estate, &policy.links, text);
        let flags = [
            (!policy.rules_listed, "  unread"),
            (!policy.links_listed, "  links-unread"),
            (policy.refused > 0, "  partial"),
        ];
        flags.iter().filter(|flag| flag.0).for_each(|flag| text.push_str(flag.1));
        text.push('\n');
        for rule in &policy.rules {
            write_rule(rule, text);
        }
    }
}

fn write_rule(rule: &PolicyRule, text: &mut String) {
    let _ = write!(text, "  {} {}", rule.priority, rule.action.name());
    let managed = rule.managed.iter().map(|list| format!("{MANAGED}{list}"));
    for list in rule.lists.iter().map(|list| list.to_string()).chain(managed) {
        let _ = write!(text, "  {}", word(&list));
    }
    if !rule.enabled {
        text.push_str("  !disabled");
    }
    if !rule.name.is_empty() {
        let _ = write!(text, "  !name {}", word(&rule.name));
    }
    text.push('\n');
}
