//! The hand-written part around the generated crate: a configuration with a key, and one type of error. Copy it.

use std::collections::HashMap;
use std::fmt;

use tgo_api::apis::{self, configuration};
use tgo_api::models;

/// A refusal by the API.
#[derive(Debug)]
pub struct TgoError {
    pub status: u16,
    pub message: String,
    pub fields: HashMap<String, Vec<String>>,
    /// The scopes that the key needs; set for a 403 only.
    pub required_scopes: Vec<String>,
}

impl fmt::Display for TgoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TGO returned {}: {}", self.status, self.message)
    }
}

impl std::error::Error for TgoError {}

/// The scopes that each operation requires: x-required-scopes in openapi.yaml, which the generator drops.
const REQUIRED_SCOPES: &[(&str, &[&str])] = &[
    ("sendMessage", &["messages.send"]),
    ("listMessages", &["messages.read"]),
    ("lookupContact", &["contacts.lookup"]),
    ("getUsage", &["usage.read"]),
    ("registerSenderNumber", &["messages.send"]),
];

pub fn configuration(url: &str, key: &str) -> Result<configuration::Configuration, reqwest::Error> {
    Ok(configuration::Configuration {
        base_path: url.to_owned(),
        api_key: Some(configuration::ApiKey {
            prefix: None,
            key: key.to_owned(),
        }),
        // A redirect would send the key to another host.
        client: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?,
        ..Default::default()
    })
}

/// Turns the generated error of any operation into a TgoError if the API refused the request.
pub fn explain<T: fmt::Debug + 'static>(operation: &str, error: apis::Error<T>) -> Box<dyn std::error::Error> {
    let answer = match error {
        apis::Error::ResponseError(answer) => answer,
        other => return Box::new(other),
    };
    let said: models::Error = match serde_json::from_str(&answer.content) {
        Ok(said) => said,
        Err(error) => return Box::new(error), // the HTML page of a proxy
    };
    let required_scopes = match answer.status.as_u16() {
        403 => REQUIRED_SCOPES
            .iter()
            .filter(|(name, _)| *name == operation)
            .flat_map(|(_, scopes)| scopes.iter().map(|scope| (*scope).to_owned()))
            .collect(),
        _ => Vec::new(),
    };
    Box::new(TgoError {
        status: answer.status.as_u16(),
        message: said.message,
        fields: said.errors.unwrap_or_default(),
        required_scopes,
    })
}
