//! A reader of markup that is as simple as markup should be.

/// A tag, and the names of its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    name: String,
    attributes: Vec<String>,
    closes: bool,
    is_empty: bool,
}

impl Piece {
    pub fn opens(&self, name: &str) -> bool {
        !self.closes && self.name == name
    }

    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|name| name == attribute)
    }

    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// Which level of heading begins here.
    pub fn heading(&self) -> Option<u32> {
        let level = self.name.strip_prefix('h')?.parse().ok()?;
        (!self.closes).then_some(level)
    }
}

/// The tags of a page in their order; what stands between `style` or `script` and its end is no markup.
pub fn pieces(page: &str) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').expect("a tag ends");
        let piece = piece(&rest[..end]);
        rest = &rest[end + 1..];
        for raw in ["style", "script"] {
            if piece.opens(raw) {
                let end = rest.find(&format!("</{raw}>")).expect("its end");
                rest = &rest[end..];
            }
        }
        found.push(piece);
    }
    found
}

/// Quotation marks are around every value, and `>` is in none.
fn piece(tag: &str) -> Piece {
    let closes = tag.starts_with('/');
    let tag = tag.trim_start_matches('/');
    let (name, mut rest) = tag.split_at(tag.find([' ', '/']).unwrap_or(tag.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest == "/" {
            break;
        }
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        attributes.push(rest[..end].to_owned());
        rest = &rest[end..];
        if let Some(value) = rest.strip_prefix('=') {
            let value = value.strip_prefix('"').expect("a value in quotation marks");
            rest = &value[value.find('"').expect("its end") + 1..];
        }
    }
    Piece {
        name: name.to_lowercase(),
        attributes,
        closes,
        is_empty: tag.ends_with('/'),
    }
}

pub fn assert_balanced(pieces: &[Piece]) {
    let mut open: Vec<&str> = Vec::new();
    for piece in pieces {
        let is_void = ["meta", "link", "input", "!doctype"].contains(&piece.name.as_str());
        if is_void || piece.is_empty {
            continue;
        }
        if piece.closes {
            assert_eq!(
                open.pop(),
                Some(piece.name.as_str()),
                "{piece:?} in {open:?}"
            );
        } else {
            open.push(&piece.name);
        }
    }
    assert!(open.is_empty(), "{open:?} do not end");
}

/// Where the page links to.
pub fn links(page: &str) -> Vec<&str> {
    let hrefs = page.split("href=\"").skip(1);
    hrefs.filter_map(|rest| rest.split('"').next()).collect()
}

/// What is to be read, without tags and as characters.
pub fn text_of(page: &str) -> String {
    let body = page.split("</style>").nth(1).unwrap_or(page);
    let mut text = String::new();
    for part in body.split('<') {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text, |text, (entity, character)| {
        text.replace(entity, character)
    })
}

/// A text as it is shown: what is not seen is named.
pub fn shown(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        let is_unseen = (c.is_control() && c != '\n' && c != '\t')
            || ('\u{202A}'..='\u{202E}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c);
        if is_unseen {
            shown.push_str(&format!("[U+{:04X}]", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}
