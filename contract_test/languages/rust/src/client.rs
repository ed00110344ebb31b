//! What to write by hand around the generated crate: a configuration with a key, and one type of error.

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
    /// Of a 403: the scopes that the key must have.
    pub required_scopes: Vec<String>,
}

impl fmt::Display for TgoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TGO answered {}: {}", self.status, self.message)
    }
}

impl std::error::Error for TgoError {}

/// The scopes that each operation needs, by operationId.
pub type Scopes = HashMap<String, Vec<String>>;

pub fn configuration(url: &str, key: &str) -> Result<configuration::Configuration, reqwest::Error> {
    Ok(configuration::Configuration {
        base_path: url.to_owned(),
        api_key: Some(configuration::ApiKey {
            prefix: None,
            key: key.to_owned(),
        }),
        // A redirect would take the key along to another host.
        client: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?,
        ..Default::default()
    })
}

/// Turns the generated error of any operation into ours, where it is an answer of the API.
pub fn explain<T: fmt::Debug + 'static>(
    operation: &str,
    scopes: &Scopes,
    error: apis::Error<T>,
) -> Box<dyn std::error::Error> {
    let answer = match error {
        apis::Error::ResponseError(answer) => answer,
        other => return Box::new(other),
    };
    let said: models::Error = match serde_json::from_str(&answer.content) {
        Ok(said) => said,
        Err(error) => return Box::new(error), // an HTML page of a proxy
    };
    let required_scopes = match answer.status.as_u16() {
        403 => scopes.get(operation).cloned().unwrap_or_default(),
        _ => Vec::new(),
    };
    Box::new(TgoError {
        status: answer.status.as_u16(),
        message: said.message,
        fields: said.errors.unwrap_or_default(),
        required_scopes,
    })
}
