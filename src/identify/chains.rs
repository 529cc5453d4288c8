//! Which ids become whose, by what was known before and what a statement says, in its order.

use std::collections::{BTreeMap, HashMap};

use crate::pg::error::Refusal;

/// A user, and the ids that become theirs, in the order in which they are heard: an id before those that were
/// its own.
pub type Group<'a> = (&'a str, Vec<&'a str>);

/// Whose each alias is, directly or by way of others.
struct Owners<'a>(HashMap<&'a str, &'a str>);

impl<'a> Owners<'a> {
    /// Who an id is in the end. What lies on the way is shortened.
    fn last(&mut self, name: &'a str) -> &'a str {
        let mut last = name;
        while let Some(next) = self.0.get(last) {
            last = next;
        }
        let mut on_the_way = name;
        while on_the_way != last {
            on_the_way = self.0.insert(on_the_way, last).unwrap_or(last);
        }
        last
    }
}

/// What pairs come to, where these are known: the users in byte order, with the ids that become theirs.
pub fn resolve<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    known: &'a [(String, String)],
) -> Result<Vec<Group<'a>>, Refusal> {
    let mut owners = Owners(HashMap::with_capacity(known.len()));
    for (alias, user) in known {
        // Somebody may have written a circle by hand.
        if owners.last(user) != alias {
            owners.0.insert(alias, user);
        }
    }
    let mut taken: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (alias, user) in pairs {
        if alias == user {
            return Err(of_itself(alias));
        }
        let last = owners.last(user);
        if last == alias {
            return Err(circle(alias, user));
        }
        let owner = owners.last(alias);
        if owner == last {
            continue;
        }
        if owner != alias {
            return Err(of_another(alias, owner, last));
        }
        owners.0.insert(alias, last);
        taken.entry(last).or_default().push(alias);
    }
    let users: Vec<&str> = taken.keys().copied().collect();
    let users = users.into_iter().filter(|user| owners.last(user) == *user);
    let users: Vec<&str> = users.collect();
    Ok(users
        .into_iter()
        .map(|user| (user, below(user, &mut taken)))
        .collect())
}

/// The ids that became a user's, each before those that had become its own.
fn below<'a>(user: &'a str, taken: &mut BTreeMap<&'a str, Vec<&'a str>>) -> Vec<&'a str> {
    let mut all = Vec::new();
    let mut open: Vec<&str> = vec![user];
    while let Some(next) = open.pop() {
        if next != user {
            all.push(next);
        }
        open.extend(taken.remove(next).into_iter().flatten().rev());
    }
    all
}

fn of_itself(id: &str) -> Refusal {
    Refusal::invalid("an id cannot be an alias of itself")
        .detail(format!("The alias and the user are both \"{id}\"."))
        .hint("Leave out whoever keeps their id.")
}

fn circle(alias: &str, user: &str) -> Refusal {
    Refusal::invalid(format!("\"{alias}\" cannot be an alias of \"{user}\""))
        .detail(format!("\"{user}\" is an alias of \"{alias}\" already."))
        .hint("They are one person as it is, whose id is the latter; leave the pair out.")
}

fn of_another(alias: &str, owner: &str, user: &str) -> Refusal {
    Refusal::invalid(format!("\"{alias}\" cannot be an alias of \"{user}\""))
        .detail(format!("It is an alias of \"{owner}\" already."))
        .hint(format!(
            "If \"{owner}\" and \"{user}\" are one person, too, identify these two; an id is never taken from a user again, but by hogsend_forget_user()."
        ))
}
