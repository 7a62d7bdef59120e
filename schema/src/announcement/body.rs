//! The text of an announcement, with markup that cannot harm and without any.

use std::collections::HashSet;

use ammonia::Builder;

/// Ends of blocks, as the sanitiser writes them; words on both sides are no single word.
const BREAKS: [&str; 13] = [
    "<br>",
    "</p>",
    "</div>",
    "</li>",
    "</tr>",
    "</h1>",
    "</h2>",
    "</h3>",
    "</h4>",
    "</h5>",
    "</h6>",
    "</blockquote>",
    "</pre>",
];

/// What the sanitiser still writes as entities once no tag is left; the ampersand last, so that nothing is decoded
/// twice.
const ENTITIES: [(&str, &str); 5] = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];

/// Markup without scripts, styles, event handlers and strange links.
#[must_use]
pub(super) fn sanitised(html: &str) -> String {
    ammonia::clean(html).trim().to_owned()
}

/// The text of sanitised markup: tags stripped, entities decoded, a line for each block.
#[must_use]
pub(super) fn plain(sanitised: &str) -> String {
    let mut html = sanitised.to_owned();
    for end in BREAKS {
        html = html.replace(end, &format!("{end}\n"));
    }
    let mut text = Builder::empty().tags(HashSet::new()).clean(&html).to_string();
    for (entity, character) in ENTITIES {
        text = text.replace(entity, character);
    }
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_harmless_and_plain() {
        for (html, clean, text) in [
            ("<p>Hello</p>", "<p>Hello</p>", "Hello"),
            ("<b>A</b>&amp;B &lt;i&gt;", "<b>A</b>&amp;B &lt;i&gt;", "A&B <i>"),
            ("&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;", "&lt;b&gt;"),
            ("<p>One</p><p>Two<br>three</p>", "<p>One</p><p>Two<br>three</p>", "One\nTwo\nthree"),
            ("<script>alert(1)</script>Hi", "Hi", "Hi"),
            ("<style>p{}</style><p onclick=\"x()\">Hi</p>", "<p>Hi</p>", "Hi"),
            ("<img src=x onerror=alert(1)>", "<img src=\"x\">", ""),
            ("Caf&eacute;&nbsp;&quot;x&quot;", "Café&nbsp;\"x\"", "Café \"x\""),
        ] {
            let found = sanitised(html);
            assert_eq!((found.as_str(), plain(&found).as_str()), (clean, text), "{html}");
        }
        assert!(!sanitised("<a href=\"javascript:alert(1)\">x</a>").contains("javascript"));
    }
}
