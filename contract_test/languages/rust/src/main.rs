//! Runs the scenario of all languages with the crate that openapi-generator generates from openapi.yaml.

mod client;

use std::collections::HashSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde_json::{Value, json};
use tgo_api::apis::{account_api, api_keys_api, contacts_api, messages_api, sender_numbers_api, usage_api};
use tgo_api::models;

use client::{TgoError, configuration, explain};

type Outcome = Result<Value, Box<dyn Error>>;

struct Player {
    url: String,
    dir: PathBuf,
    keys: Value,
    http: reqwest::Client,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let fake: Value = serde_json::from_str(&env::var("TGO_FAKE")?)?;
    let file = env::var("TGO_SCENARIO")?;
    let scenario: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
    let player = Player {
        url: text(&fake["url"]),
        dir: Path::new(&file).parent().unwrap_or(Path::new(".")).to_owned(),
        keys: scenario["keys"].clone(),
        http: reqwest::Client::new(),
    };
    let mut failed = false;
    for step in list(&scenario["steps"]) {
        let name = text(&step["name"]);
        match player.play(step).await {
            Ok(()) => println!("step {name} ok"),
            Err(error) => {
                failed = true;
                println!("step {name} FAIL {}", error.to_string().replace('\n', " "));
            }
        }
    }
    process::exit(i32::from(failed));
}

impl Player {
    /// Makes all calls of a step and returns the first failure.
    async fn play(&self, step: &Value) -> Result<(), Box<dyn Error>> {
        let mut first = Ok(());
        for call in list(&step["calls"]) {
            for _ in 0..call["times"].as_u64().unwrap_or(1) {
                let checked = self.check(call).await;
                if first.is_ok() {
                    first = checked;
                }
            }
        }
        first
    }

    async fn check(&self, call: &Value) -> Result<(), Box<dyn Error>> {
        let name = text(&call["call"]);
        let key = call["key"].as_str().unwrap_or("all");
        let outcome = match self.call(&name, &call["with"], &text(&self.keys[key])).await {
            Ok(result) => json!({"result": result}),
            Err(error) => match error.downcast::<TgoError>() {
                Ok(refused) => json!({"error": {
                    "status": refused.status, "message": refused.message,
                    "fields": refused.fields, "required_scopes": refused.required_scopes,
                }}),
                Err(error) => return Err(format!("{name}: {error}").into()),
            },
        };
        compare(&name, &call["expect"], &outcome)?;
        if call["arrived"].is_null() {
            return Ok(());
        }
        let id = &outcome["result"]["id"];
        let arrivals = self.arrivals().await?;
        let arrived = list(&arrivals).iter().find(|m| m["id"] == *id);
        compare(
            &format!("{name} arrived"),
            &call["arrived"],
            arrived.unwrap_or(&Value::Null),
        )
    }

    async fn call(&self, call: &str, with: &Value, key: &str) -> Outcome {
        let api = configuration(&self.url, key)?;
        match call {
            "send_text" => {
                let mut message = models::TextMessage::new(
                    text(&with["to_phone"]),
                    models::text_message::Type::Text,
                    text(&with["content"]),
                );
                message.sender_phone = with["sender_phone"].as_str().map(str::to_owned);
                message.sender_number_id = with["sender_number_id"].as_i64();
                let sent = messages_api::send_message_with_json(&api, message).await;
                Ok(receipt(sent.map_err(|e| explain("sendMessage", e))?))
            }
            "send_media" => {
                let sent = messages_api::send_message_with_form_data(
                    &api,
                    &text(&with["to_phone"]),
                    &text(&with["type"]),
                    with["sender_phone"].as_str(),
                    with["sender_number_id"].as_i64(),
                    with["content"].as_str(),
                    with["duration"].as_i64().map(i32::try_from).transpose()?,
                    with["file_name"].as_str(),
                    with["file_size"].as_i64(),
                    with["file_type"].as_str(),
                    with["file"].as_str().map(|name| self.dir.join(name)),
                )
                .await;
                Ok(receipt(sent.map_err(|e| explain("sendMessage", e))?))
            }
            "lookup" => {
                let contact = contacts_api::lookup_contact(
                    &api,
                    &text(&with["phone"]),
                    with["sender_phone"].as_str(),
                    with["sender_number_id"].as_i64(),
                )
                .await
                .map_err(|e| explain("lookupContact", e))?;
                Ok(json!({
                    "exists": contact.exists, "can_receive": contact.can_receive,
                    "reason_code": contact.reason_code, "recipient_id": contact.recipient_id,
                    "is_verified": contact.is_verified, "phone_verified_at": contact.phone_verified_at.map(moment),
                }))
            }
            "log" => {
                let mut entries: Vec<models::MessageLogEntry> = Vec::new();
                let mut page = 0;
                loop {
                    page += 1;
                    let read = messages_api::list_messages(&api, Some(page))
                        .await
                        .map_err(|e| explain("listMessages", e))?;
                    entries.extend(read.data);
                    // The field is optional and nullable. The generator makes an Option of each.
                    if read.links.and_then(|links| links.next.flatten()).is_some() {
                        continue;
                    }
                    let oldest = &entries[entries.len().saturating_sub(5)..];
                    return Ok(json!({
                        "pages": page,
                        "total": read.meta.and_then(|meta| meta.total),
                        "count": entries.len(),
                        "distinct": entries.iter().map(|e| e.id).collect::<HashSet<_>>().len(),
                        "oldest": oldest.iter().map(|e| json!({
                            "sender_number_id": e.sender_number_id, "message_type": e.message_type,
                            "content": e.content, "status": e.status,
                        })).collect::<Vec<_>>(),
                    }));
                }
            }
            "usage" => {
                let usage = usage_api::get_usage(&api).await.map_err(|e| explain("getUsage", e))?;
                Ok(json!({"data": usage.data.iter().map(|n| json!({
                    "sender_number_id": n.sender_number_id, "sender_phone": n.sender_phone, "messages_sent": n.messages_sent,
                })).collect::<Vec<_>>()}))
            }
            "sender_numbers" => {
                let numbers = sender_numbers_api::list_sender_numbers(&api)
                    .await
                    .map_err(|e| explain("listSenderNumbers", e))?;
                Ok(json!({"data": numbers.data.iter().map(|n| json!({
                    "id": n.id, "phone": n.phone, "display_name": n.display_name,
                    "status": n.status, "verification_status": n.verification_status,
                })).collect::<Vec<_>>()}))
            }
            "me" => {
                let me = account_api::get_me(&api).await.map_err(|e| explain("getMe", e))?;
                Ok(json!({
                    "user": me.user.name, "api_key": me.api_key.and_then(|key| key.name),
                    "organization": me.organization.name, "email_verified": me.organization.email_verified,
                    "subscription": me.subscription,
                }))
            }
            "subscription" => {
                let subscription = account_api::get_subscription(&api)
                    .await
                    .map_err(|e| explain("getSubscription", e))?;
                Ok(json!({
                    "plan": subscription.plan, "status": subscription.status,
                    "limits": subscription.limits, "usage_snapshot": subscription.usage_snapshot,
                }))
            }
            "create_key" => {
                let mut wanted = models::CreateApiKeyRequest::new(text(&with["name"]));
                wanted.scopes = Some(serde_json::from_value(with["scopes"].clone())?);
                wanted.expires_in_days = with["expires_in_days"].as_i64().map(i32::try_from).transpose()?;
                let created = api_keys_api::create_api_key(&api, wanted)
                    .await
                    .map_err(|e| explain("createApiKey", e))?;
                let begins: String = created.plain_text_key.chars().take(4).collect();
                Ok(match created.data {
                    Some(key) => json!({"begins": begins, "name": key.name, "scopes": key.scopes, "status": key.status}),
                    None => json!({"begins": begins}),
                })
            }
            "revoke_key" => {
                api_keys_api::revoke_api_key(&api, with["id"].as_i64().unwrap_or_default())
                    .await
                    .map_err(|e| explain("revokeApiKey", e))?;
                Ok(json!({}))
            }
            "register" => {
                let mut registration = models::RegisterSenderNumberRequest::new(text(&with["phone"]));
                registration.display_name = with["display_name"].as_str().map(str::to_owned);
                let number = sender_numbers_api::register_sender_number(&api, registration)
                    .await
                    .map_err(|e| explain("registerSenderNumber", e))?
                    .data;
                Ok(json!({
                    "phone": number.phone, "display_name": number.display_name, "status": number.status,
                    "verified_at": number.verified_at.flatten().map(moment),
                }))
            }
            "raw" => self.get(&format!("{}{}", self.url, text(&with["path"])), key).await,
            "arrivals" => Ok(json!({"count": list(&self.arrivals().await?).len()})),
            _ => Err("no such call".into()),
        }
    }

    /// The messages that the fake has accepted.
    async fn arrivals(&self) -> Outcome {
        let mut url = reqwest::Url::parse(&self.url)?;
        url.set_path("/_fake/messages");
        self.get(url.as_str(), "").await
    }

    /// Reads any JSON, for requests that are not part of the API.
    async fn get(&self, url: &str, key: &str) -> Outcome {
        Ok(self.http.get(url).header("X-Api-Key", key).send().await?.json().await?)
    }
}

fn receipt(sent: models::AcceptedMessage) -> Value {
    let m = sent.data;
    json!({
        "id": m.id, "sender_number_id": m.sender_number_id, "recipient_user_id": m.recipient_user_id,
        "message_type": m.message_type, "content": m.content, "status": m.status,
    })
}

fn moment(t: DateTime<FixedOffset>) -> String {
    t.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn text(v: &Value) -> String {
    v.as_str().unwrap_or_default().to_owned()
}

fn list(v: &Value) -> &[Value] {
    v.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Compares a value with the expected one. An object may have more fields than expected, but an object that is expected to
/// be empty must be empty.
fn compare(path: &str, want: &Value, got: &Value) -> Result<(), Box<dyn Error>> {
    match (want, got) {
        (Value::Object(w), Value::Object(g)) if !w.is_empty() || g.is_empty() => w
            .iter()
            .try_for_each(|(name, value)| compare(&format!("{path}.{name}"), value, &got[name])),
        (Value::Array(w), Value::Array(g)) if w.len() == g.len() => w
            .iter()
            .zip(g)
            .enumerate()
            .try_for_each(|(i, (w, g))| compare(&format!("{path}[{i}]"), w, g)),
        _ if want == got => Ok(()),
        _ => Err(format!("{path} is {got}, want {want}").into()),
    }
}
