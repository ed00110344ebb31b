import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tgo.api.AccountApi;
import tgo.api.ApiClient;
import tgo.api.ApiKeysApi;
import tgo.api.ContactsApi;
import tgo.api.MessagesApi;
import tgo.api.SenderNumbersApi;
import tgo.api.UsageApi;
import tgo.api.model.AcceptedMessage;
import tgo.api.model.ApiKey;
import tgo.api.model.Contact;
import tgo.api.model.CreateApiKeyRequest;
import tgo.api.model.CreatedApiKey;
import tgo.api.model.Me;
import tgo.api.model.MessageLogEntry;
import tgo.api.model.MessageLogPage;
import tgo.api.model.RegisterSenderNumberRequest;
import tgo.api.model.Scope;
import tgo.api.model.SenderNumber;
import tgo.api.model.SenderNumberUsage;
import tgo.api.model.SentMessage;
import tgo.api.model.Subscription;
import tgo.api.model.TextMessage;

/** Runs the scenario of all languages with the client that openapi-generator generates from openapi.yaml. */
public final class Scenario {
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String url = object(System.getenv("TGO_FAKE")).get("url").getAsString();
  private final Path file = Path.of(System.getenv("TGO_SCENARIO"));
  private final JsonObject scenario = object(Files.readString(file));

  private Scenario() throws Exception {}

  public static void main(String[] args) throws Exception {
    System.setOut(new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8));
    Scenario s = new Scenario();
    boolean failed = false;
    for (JsonElement step : s.scenario.getAsJsonArray("steps")) {
      String name = step.getAsJsonObject().get("name").getAsString();
      Throwable wrong = s.play(step.getAsJsonObject());
      failed |= wrong != null;
      System.out.println("step " + name + " " + (wrong == null ? "ok" : "FAIL " + wrong.toString().replace('\n', ' ')));
    }
    System.exit(failed ? 1 : 0);
  }

  /** Makes all calls of a step and returns the first failure. */
  private Throwable play(JsonObject step) {
    Throwable first = null;
    for (JsonElement c : step.getAsJsonArray("calls")) {
      JsonObject call = c.getAsJsonObject();
      for (int i = call.has("times") ? call.get("times").getAsInt() : 1; i > 0; i--) {
        try {
          check(call);
        } catch (Exception | AssertionError e) {
          first = first == null ? e : first;
        }
      }
    }
    return first;
  }

  private void check(JsonObject call) throws Exception {
    String name = call.get("call").getAsString();
    String key = call.has("key") ? call.get("key").getAsString() : "all";
    JsonObject with = call.has("with") ? call.getAsJsonObject("with") : new JsonObject();
    Map<String, Object> outcome = new HashMap<>();
    try {
      outcome.put("result", call(name, with, scenario.getAsJsonObject("keys").get(key).getAsString()));
    } catch (TgoException e) {
      outcome.put(
          "error",
          Map.of("status", e.status, "message", e.getMessage(), "fields", e.fields, "required_scopes", e.requiredScopes));
    }
    JsonElement got = GSON.toJsonTree(outcome);
    compare(name, call.get("expect"), got);
    if (!call.has("arrived")) {
      return;
    }
    JsonElement id = got.getAsJsonObject().getAsJsonObject("result").get("id");
    for (JsonElement m : arrivals()) {
      if (m.getAsJsonObject().get("id").equals(id)) {
        compare(name + " arrived", call.get("arrived"), m);
        return;
      }
    }
    throw new AssertionError("message " + id + " has not arrived");
  }

  private Object call(String name, JsonObject with, String key) throws Exception {
    ApiClient client = Tgo.connect(url, key);
    switch (name) {
      case "send_text":
        TextMessage message =
            new TextMessage()
                .senderPhone(text(with, "sender_phone"))
                .senderNumberId(number(with, "sender_number_id"))
                .toPhone(text(with, "to_phone"))
                .type(TextMessage.TypeEnum.TEXT)
                .content(text(with, "content"));
        return receipt(explain("sendMessage", () -> new MessagesApi(client).sendMessageWithJson(message)));
      case "send_media":
        Long duration = number(with, "duration");
        return receipt(
            explain(
                "sendMessage",
                () ->
                    new MessagesApi(client)
                        .sendMessageWithFormData(
                            text(with, "to_phone"),
                            text(with, "type"),
                            text(with, "sender_phone"),
                            number(with, "sender_number_id"),
                            text(with, "content"),
                            duration == null ? null : duration.intValue(),
                            text(with, "file_name"),
                            number(with, "file_size"),
                            text(with, "file_type"),
                            with.has("file") ? file.resolveSibling(text(with, "file")).toFile() : null)));
      case "lookup":
        Contact contact =
            explain(
                "lookupContact",
                () ->
                    new ContactsApi(client)
                        .lookupContact(text(with, "phone"), text(with, "sender_phone"), number(with, "sender_number_id")));
        return fields(
            "exists", contact.getExists(),
            "can_receive", contact.getCanReceive(),
            "reason_code", contact.getReasonCode(),
            "recipient_id", contact.getRecipientId(),
            "is_verified", contact.getIsVerified(),
            "phone_verified_at", moment(contact.getPhoneVerifiedAt()));
      case "log":
        return readLog(new MessagesApi(client));
      case "usage":
        List<Object> usage = new ArrayList<>();
        for (SenderNumberUsage n : explain("getUsage", () -> new UsageApi(client).getUsage()).getData()) {
          usage.add(
              fields(
                  "sender_number_id", n.getSenderNumberId(),
                  "sender_phone", n.getSenderPhone(),
                  "messages_sent", n.getMessagesSent()));
        }
        return fields("data", usage);
      case "sender_numbers":
        List<Object> numbers = new ArrayList<>();
        for (SenderNumber n :
            explain("listSenderNumbers", () -> new SenderNumbersApi(client).listSenderNumbers()).getData()) {
          numbers.add(
              fields(
                  "id", n.getId(),
                  "phone", n.getPhone(),
                  "display_name", n.getDisplayName(),
                  "status", n.getStatus(),
                  "verification_status", n.getVerificationStatus()));
        }
        return fields("data", numbers);
      case "me":
        Me me = explain("getMe", () -> new AccountApi(client).getMe());
        return fields(
            "user", me.getUser().getName(),
            "api_key", me.getApiKey() == null ? null : me.getApiKey().getName(),
            "organization", me.getOrganization().getName(),
            "email_verified", me.getOrganization().getEmailVerified(),
            "subscription", me.getSubscription());
      case "subscription":
        Subscription subscription = explain("getSubscription", () -> new AccountApi(client).getSubscription());
        return fields(
            "plan", subscription.getPlan(),
            "status", subscription.getStatus(),
            "limits", subscription.getLimits(),
            "usage_snapshot", subscription.getUsageSnapshot());
      case "create_key":
        CreateApiKeyRequest wanted = new CreateApiKeyRequest().name(text(with, "name"));
        for (JsonElement scope : with.getAsJsonArray("scopes")) {
          wanted.addScopesItem(Scope.fromValue(scope.getAsString()));
        }
        if (with.has("expires_in_days")) {
          wanted.expiresInDays(with.get("expires_in_days").getAsInt());
        }
        CreatedApiKey created = explain("createApiKey", () -> new ApiKeysApi(client).createApiKey(wanted));
        ApiKey described = created.getData() == null ? new ApiKey() : created.getData();
        return fields(
            "begins", created.getPlainTextKey().substring(0, 4),
            "name", described.getName(),
            "scopes", created.getData() == null ? null : described.getScopes(),
            "status", described.getStatus());
      case "revoke_key":
        explain(
            "revokeApiKey",
            () -> {
              new ApiKeysApi(client).revokeApiKey(number(with, "id"));
              return null;
            });
        return fields();
      case "register":
        RegisterSenderNumberRequest registration =
            new RegisterSenderNumberRequest().phone(text(with, "phone")).displayName(text(with, "display_name"));
        SenderNumber registered =
            explain("registerSenderNumber", () -> new SenderNumbersApi(client).registerSenderNumber(registration)).getData();
        return fields(
            "phone", registered.getPhone(),
            "display_name", registered.getDisplayName(),
            "status", registered.getStatus(),
            "verified_at", moment(registered.getVerifiedAt()));
      case "raw":
        return get(URI.create(url + text(with, "path")), key);
      case "arrivals":
        return fields("count", arrivals().size());
      default:
        throw new AssertionError("no such call: " + name);
    }
  }

  private Object readLog(MessagesApi api) throws Exception {
    List<Object> entries = new ArrayList<>();
    Set<Long> ids = new HashSet<>();
    for (int page = 1; ; page++) {
      int wanted = page;
      MessageLogPage read = explain("listMessages", () -> api.listMessages(wanted));
      for (MessageLogEntry e : read.getData()) {
        ids.add(e.getId());
        entries.add(
            fields(
                "sender_number_id", e.getSenderNumberId(),
                "message_type", e.getMessageType(),
                "content", e.getContent(),
                "status", e.getStatus()));
      }
      if (read.getLinks() == null || read.getLinks().getNext() == null) {
        return fields(
            "pages", page,
            "total", read.getMeta() == null ? null : read.getMeta().getTotal(),
            "count", entries.size(),
            "distinct", ids.size(),
            "oldest", entries.subList(Math.max(0, entries.size() - 5), entries.size()));
      }
    }
  }

  private <T> T explain(String operation, TgoException.Call<T> call) throws Exception {
    return TgoException.explain(operation, call);
  }

  private static Object receipt(AcceptedMessage result) {
    SentMessage m = result.getData();
    return fields(
        "id", m.getId(),
        "sender_number_id", m.getSenderNumberId(),
        "recipient_user_id", m.getRecipientUserId(),
        "message_type", m.getMessageType(),
        "content", m.getContent(),
        "status", m.getStatus());
  }

  /** The messages that the fake has accepted. */
  private JsonArray arrivals() throws Exception {
    return get(URI.create(url).resolve("/_fake/messages"), "").getAsJsonArray();
  }

  /** Reads any JSON, for requests that are not part of the API. */
  private static JsonElement get(URI uri, String key) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri).header("X-Api-Key", key).build();
    return JsonParser.parseString(HTTP.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8)).body());
  }

  /**
   * Compares a value with the expected one. An object may have more fields than expected, but an object that is expected
   * to be empty must be empty.
   */
  private static void compare(String path, JsonElement want, JsonElement got) {
    if (want.isJsonObject() && got.isJsonObject() && (want.getAsJsonObject().size() > 0 || got.getAsJsonObject().size() == 0)) {
      for (Map.Entry<String, JsonElement> e : want.getAsJsonObject().entrySet()) {
        JsonElement inner = got.getAsJsonObject().get(e.getKey());
        compare(path + "." + e.getKey(), e.getValue(), inner == null ? JsonNull.INSTANCE : inner);
      }
    } else if (want.isJsonArray() && got.isJsonArray() && want.getAsJsonArray().size() == got.getAsJsonArray().size()) {
      for (int i = 0; i < want.getAsJsonArray().size(); i++) {
        compare(path + "[" + i + "]", want.getAsJsonArray().get(i), got.getAsJsonArray().get(i));
      }
    } else if (!want.equals(got)) {
      throw new AssertionError(path + " is " + got + ", want " + want);
    }
  }

  private static Map<String, Object> fields(Object... namesAndValues) {
    Map<String, Object> fields = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }

  private static String moment(OffsetDateTime t) {
    return t == null ? null : t.withOffsetSameInstant(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS).toInstant().toString();
  }

  private static String text(JsonObject o, String name) {
    return o.has(name) ? o.get(name).getAsString() : null;
  }

  private static Long number(JsonObject o, String name) {
    return o.has(name) ? o.get(name).getAsLong() : null;
  }

  private static JsonObject object(String json) {
    return JsonParser.parseString(json).getAsJsonObject();
  }
}
