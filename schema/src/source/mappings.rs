//! The mappings that an input gives: how collections of a foreign schema are asked for. It must not know answers.

use groupgraph_entities::{source, source_collection};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::{
    error::Code,
    federation::{
        collection::Collection,
        handshake::Dialect,
        mapping::{Mapping, MappingText, Paging},
        registry::mapping_text,
    },
    members::{json, list, text},
    verb::{Call, Failure, fault},
};

/// The mappings of `mappings`; none if the member is absent or null.
pub(super) fn given(call: &Call<'_>) -> Result<Option<Vec<(Collection, MappingText)>>, Failure> {
    let Some(items) = list(call.input, "mappings") else { return Ok(None) };
    let mut mappings: Vec<(Collection, MappingText)> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let at = |member: &str| format!("mappings.{index}.{member}");
        let collection = text(item, "collection").and_then(Collection::from_word);
        let paging = text(item, "paging").and_then(Paging::from_word);
        let (Some(collection), Some(paging)) = (collection, paging) else { continue };
        if mappings.iter().any(|(other, _)| *other == collection) {
            return Err(fault(Code::Conflict, &at("collection"), "Each collection has one mapping."));
        }
        let found = MappingText {
            document: text(item, "document").unwrap_or_default().to_owned(),
            rows_path: text(item, "rowsPath").unwrap_or_default().to_owned(),
            paging,
            conversions: json(item, "conversions").unwrap_or_default(),
        };
        let mapping = Mapping::read(collection, found.clone());
        let mapping = mapping.map_err(|wrong| fault(Code::Invalid, &at(wrong.member), wrong.message))?;
        for (member, able) in [("filterableFields", mapping.filterable()), ("orderableFields", mapping.orderable())] {
            let named = json(item, member).and_then(|words| serde_json::from_value::<Vec<String>>(words).ok());
            if let Some(word) = named.iter().flatten().find(|word| !able.contains(word)) {
                let message = format!("The document cannot do this: {word}. It can: {}.", able.join(", "));
                return Err(fault(Code::Invalid, &at(member), message));
            }
        }
        mappings.push((collection, found));
    }
    if mappings.is_empty() {
        return Err(fault(Code::Required, "mappings", "Give a mapping for one collection at least."));
    }
    Ok(Some(mappings))
}

/// How a source that is known is spoken to.
pub(super) async fn dialect<C: ConnectionTrait>(connection: &C, source: &source::Model) -> Result<Dialect, DbErr> {
    if source.mode != "MAPPED" {
        return Ok(Dialect::Native);
    }
    let of_source = source_collection::Column::SourceId.eq(source.id);
    let rows = source_collection::Entity::find().filter(of_source).all(connection).await?;
    let mappings = rows.iter().filter_map(|row| Some((Collection::from_word(&row.collection)?, mapping_text(row)?)));
    Ok(Dialect::Mapped(mappings.collect()))
}
