//! What feedback adds up to, the question sets that there are to begin with, and how one will look.

use std::{collections::BTreeMap, fmt::Write};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{each, shown, text};
use crate::{
    engine::{
        coerce::Arguments,
        compare::{parse_instant, stamp},
        plan::ROOT,
        request::Request,
        sql::Piece,
    },
    error::Error,
    record::store::Row,
};

/// Seconds that a question takes.
const SECONDS: usize = 15;

/// Sets of questions that every company may begin with.
const TEMPLATES: &str = include_str!("feedback_templates.json");

/// A count and a sum.
#[derive(Clone, Copy, Default)]
struct Mean {
    count: u64,
    sum: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
    }

    /// Rounded to hundredths; 0 of nothing.
    fn value(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let mean = if self.count == 0 { 0.0 } else { self.sum / self.count as f64 };
        (mean * 100.0).round() / 100.0
    }
}

/// The condition that the arguments make: days between which it was given, kind of activity, rep, template.
fn condition(arguments: &Arguments) -> Result<Option<Piece>, Error> {
    let mut pieces = Vec::new();
    for (name, sign, time) in [("date_from", ">=", "T00:00:00Z"), ("date_to", "<=", "T23:59:59.999Z")] {
        if let Some(day) = text(arguments, name) {
            let at = parse_instant(&format!("{day}{time}"), chrono_tz::UTC);
            let at = at.ok_or_else(|| Error::bad_input(format!("{name} must be a day such as 2026-05-19.")))?;
            pieces.push(Piece::with(&format!("{ROOT}.\"created_at\" {sign} ?"), [at.into()]));
        }
    }
    for name in ["activity_type", "rep", "template_id"] {
        if let Some(value) = text(arguments, name) {
            pieces.push(Piece::with(&format!("{ROOT}.\"body\" ->> '{name}' = ?"), [value.into()]));
        }
    }
    Ok(Piece::join(pieces, " AND "))
}

/// `feedbackAnalytics`: how many ratings, their mean, how they are spread, and the mean by kind of activity.
pub fn analytics<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let (mut all, mut spread, mut kinds) = (Mean::default(), [0_u64; 5], BTreeMap::<String, Mean>::new());
        each(request, "ActivityFeedback", condition(arguments)?, |row| {
            let rating = row.amount("rating");
            all.add(rating);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ratings are from 1 to 5")]
            if let Some(slot) = spread.get_mut((rating as usize).wrapping_sub(1)) {
                *slot += 1;
            }
            kinds.entry(row.text("activity_type").unwrap_or("other").to_owned()).or_default().add(rating);
        })
        .await?;
        let spread: BTreeMap<String, u64> =
            (1..=5).map(|rating: usize| (rating.to_string(), spread[rating - 1])).collect();
        let kinds: BTreeMap<String, Value> = kinds
            .into_iter()
            .map(|(kind, mean)| (kind, json!({ "count": mean.count, "average_rating": mean.value() })))
            .collect();
        Ok(json!({
            "total_feedback": all.count,
            "average_rating": all.value(),
            "rating_distribution": spread,
            "by_activity_type": kinds,
        }))
    })
}

/// Means of the answers to one question.
#[derive(Default)]
struct Question {
    text: String,
    answers: u64,
    score: Mean,
}

/// `detailedFeedbackAnalytics`: satisfaction as a whole, by day, and by question.
pub fn detailed<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let (mut all, mut days) = (Mean::default(), BTreeMap::<String, Mean>::new());
        let (mut questions, mut asked, mut answered) = (BTreeMap::<String, Question>::new(), 0_u64, 0_u64);
        each(request, "ActivityFeedbackV2", condition(arguments)?, |row| {
            let satisfaction = row.amount("overall_satisfaction");
            all.add(satisfaction);
            if let Some(created) = row.created_at {
                days.entry(stamp(created)[..10].to_owned()).or_default().add(satisfaction);
            }
            for response in row.body.get("responses").and_then(Value::as_array).into_iter().flatten() {
                asked += 1;
                answered += u64::from(answer(response, &mut questions));
            }
        })
        .await?;
        let trends = days
            .into_iter()
            .map(|(day, mean)| json!({ "date": day, "average_satisfaction": mean.value(), "count": mean.count }));
        let trends: Vec<Value> = trends.collect();
        let analysis = questions.into_iter().map(|(id, question)| {
            json!({
                "question_id": id,
                "question_text": question.text,
                "average_score": question.score.value(),
                "response_count": question.answers,
            })
        });
        let analysis: Vec<Value> = analysis.collect();
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let rate = if asked == 0 { 0.0 } else { answered as f64 / asked as f64 };
        let summary =
            json!({ "total_feedback": all.count, "average_satisfaction": all.value(), "response_rate": rate });
        Ok(json!({ "summary": summary, "satisfaction_trends": trends, "question_analysis": analysis }))
    })
}

/// Counts a response; whether there is an answer in it.
fn answer(response: &Value, questions: &mut BTreeMap<String, Question>) -> bool {
    let member = |name: &str| response.get(name).filter(|value| !value.is_null());
    let value = member("response_value");
    let is_answered = value.or_else(|| member("response_text")).is_some();
    let Some(id) = response.get("question_id").and_then(Value::as_str) else { return is_answered };
    let question = questions.entry(id.to_owned()).or_default();
    if question.text.is_empty() {
        member("response_text").and_then(Value::as_str).unwrap_or(id).clone_into(&mut question.text);
    }
    question.answers += u64::from(is_answered);
    if let Some(score) = value.and_then(Value::as_f64) {
        question.score.add(score);
    }
    is_answered
}

/// `feedbackTemplates`: the sets of questions to begin with, of a category or a kind.
pub fn templates<'a>(_: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let kinds = &super::resource("FeedbackOption").fields["template_type"].one_of;
        if let Some(kind) = text(arguments, "template_type").filter(|kind| !kinds.iter().any(|known| known == kind)) {
            return Err(Error::bad_input(format!("template_type must be one of {}, not {kind}.", kinds.join(", "))));
        }
        let all: Vec<Value> = serde_json::from_str(TEMPLATES).map_err(Error::internal)?;
        let fits = |template: &Value| {
            ["category", "template_type"]
                .iter()
                .all(|name| text(arguments, name).is_none_or(|wanted| template[*name] == wanted))
        };
        Ok(all.into_iter().filter(fits).collect())
    })
}

/// `feedbackPreview`: a set of questions as a form.
pub fn preview<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let id = text(arguments, "recordId").unwrap_or_default();
        let Some(row) = shown(request, "FeedbackOption", id).await? else { return Ok(Value::Null) };
        let questions = row.body.get("questions").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(json!({
            "template_html": html(&row, &questions),
            "estimated_completion_time": questions.len() * SECONDS,
            "question_count": questions.len(),
        }))
    })
}

fn html(row: &Row, questions: &[Value]) -> String {
    let title = ammonia::clean_text(row.text("name").unwrap_or_default());
    let mut out = format!("<form><h1>{title}</h1><ol>");
    for question in questions {
        let asked = ammonia::clean_text(question.get("question_text").and_then(Value::as_str).unwrap_or_default());
        write!(out, "<li><label>{asked}{}</label></li>", control(question)).expect("a String takes all text");
    }
    out.push_str("</ol></form>");
    out
}

/// The control that takes an answer.
fn control(question: &Value) -> String {
    let range = |least: i64, most: i64| format!("<input type=\"range\" min=\"{least}\" max=\"{most}\">");
    let setting = |name: &str, usual: i64| {
        question.get("display_settings").and_then(|settings| settings.get(name)?.as_i64()).unwrap_or(usual)
    };
    match question.get("question_type").and_then(Value::as_str) {
        Some("rating") => range(setting("scale_min", 1), setting("scale_max", 5)),
        Some("scale") => range(setting("scale_min", 1), setting("scale_max", 10)),
        Some("nps") => range(0, 10),
        Some("yes_no") => "<input type=\"checkbox\">".to_owned(),
        Some("multiple_choice") => {
            let options = question.get("options").and_then(Value::as_array).into_iter().flatten();
            let labels = options.filter_map(|option| option.get("label").or_else(|| option.get("value"))?.as_str());
            let option = |label| ["<option>".to_owned(), ammonia::clean_text(label), "</option>".to_owned()];
            format!("<select>{}</select>", labels.flat_map(option).collect::<String>())
        }
        _ => "<textarea></textarea>".to_owned(),
    }
}
