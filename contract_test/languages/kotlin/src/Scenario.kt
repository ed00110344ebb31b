// Runs the scenario of all languages with the client that openapi-generator generates from openapi.yaml.

import com.squareup.moshi.Moshi
import java.io.File
import java.io.PrintStream
import java.net.URI
import java.time.OffsetDateTime
import java.time.ZoneOffset
import java.time.temporal.ChronoUnit
import kotlin.system.exitProcess
import okhttp3.MultipartBody
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.asRequestBody
import tgo.api.apis.APIKeysApi
import tgo.api.apis.AccountApi
import tgo.api.apis.ContactsApi
import tgo.api.apis.MessagesApi
import tgo.api.apis.SenderNumbersApi
import tgo.api.apis.UsageApi
import tgo.api.models.AcceptedMessage
import tgo.api.models.CreateApiKeyRequest
import tgo.api.models.MessageLogEntry
import tgo.api.models.RegisterSenderNumberRequest
import tgo.api.models.Scope
import tgo.api.models.TextMessage

private val plain = Moshi.Builder().build().adapter(Any::class.java)
private val url = parse(System.getenv("TGO_FAKE"))["url"] as String
private val file = File(System.getenv("TGO_SCENARIO"))
private val scenario = parse(file.readText())

fun main() {
    System.setOut(PrintStream(System.out, true, "UTF-8"))
    var failed = false
    for (step in objects(scenario["steps"])) {
        val wrong = play(step)
        failed = failed || wrong != null
        println("step ${step["name"]} " + if (wrong == null) "ok" else "FAIL $wrong".replace('\n', ' '))
    }
    exitProcess(if (failed) 1 else 0)
}

/** Makes all calls of a step and returns the first failure. */
private fun play(step: Map<String, Any?>): Throwable? {
    var first: Throwable? = null
    for (call in objects(step["calls"])) {
        repeat((call["times"] as Number? ?: 1).toInt()) {
            val wrong = runCatching { check(call) }.exceptionOrNull()
            first = first ?: wrong
        }
    }
    return first
}

private fun check(call: Map<String, Any?>) {
    val name = call["call"] as String
    val key = (scenario["keys"] as Map<*, *>)[call["key"] ?: "all"] as String
    val outcome = try {
        mapOf("result" to call(name, fields(call["with"]), key))
    } catch (e: TgoException) {
        val error = mapOf("status" to e.status, "message" to e.message, "fields" to e.fields, "required_scopes" to e.requiredScopes)
        mapOf("error" to error)
    }
    compare(name, call["expect"], outcome)
    val wanted = call["arrived"] ?: return
    val id = fields(outcome["result"])["id"] as Number
    compare("$name arrived", wanted, arrivals().find { (it["id"] as Number).toLong() == id.toLong() })
}

private fun call(name: String, with: Map<String, Any?>, key: String): Any? {
    val client = connect(url, key)
    val senderPhone = with["sender_phone"] as String?
    val senderNumberId = (with["sender_number_id"] as Number?)?.toLong()
    return when (name) {
        "send_text" -> {
            val message = TextMessage(
                toPhone = with["to_phone"] as String,
                type = TextMessage.Type.TEXT,
                content = with["content"] as String,
                senderPhone = senderPhone,
                senderNumberId = senderNumberId,
            )
            receipt(client.createService(MessagesApi::class.java).sendMessageWithJson(message).result("sendMessage"))
        }
        "send_media" -> {
            val media = (with["file"] as String?)?.let(file::resolveSibling)
            val call = client.createService(MessagesApi::class.java).sendMessageWithFormData(
                toPhone = with["to_phone"] as String,
                type = with["type"] as String,
                senderPhone = senderPhone,
                senderNumberId = senderNumberId,
                content = with["content"] as String?,
                duration = (with["duration"] as Number?)?.toInt(),
                fileName = with["file_name"] as String?,
                fileSize = (with["file_size"] as Number?)?.toLong(),
                fileType = with["file_type"] as String?,
                media = media?.let { MultipartBody.Part.createFormData("media", it.name, it.asRequestBody()) },
            )
            receipt(call.result("sendMessage"))
        }
        "lookup" -> {
            val contact = client.createService(ContactsApi::class.java)
                .lookupContact(with["phone"] as String, senderPhone, senderNumberId).result("lookupContact")
            mapOf(
                "exists" to contact.exists,
                "can_receive" to contact.canReceive,
                "reason_code" to contact.reasonCode,
                "recipient_id" to contact.recipientId,
                "is_verified" to contact.isVerified,
                "phone_verified_at" to moment(contact.phoneVerifiedAt),
            )
        }
        "log" -> readLog(client.createService(MessagesApi::class.java))
        "usage" -> {
            val usage = client.createService(UsageApi::class.java).getUsage().result("getUsage")
            mapOf("data" to usage.`data`.map {
                mapOf("sender_number_id" to it.senderNumberId, "sender_phone" to it.senderPhone, "messages_sent" to it.messagesSent)
            })
        }
        "sender_numbers" -> {
            val numbers = client.createService(SenderNumbersApi::class.java).listSenderNumbers().result("listSenderNumbers")
            mapOf("data" to numbers.`data`.map {
                mapOf(
                    "id" to it.id,
                    "phone" to it.phone,
                    "display_name" to it.displayName,
                    "status" to it.status,
                    "verification_status" to it.verificationStatus,
                )
            })
        }
        "me" -> {
            val me = client.createService(AccountApi::class.java).getMe().result("getMe")
            mapOf(
                "user" to me.user.name,
                "api_key" to me.apiKey?.name,
                "organization" to me.organization.name,
                "email_verified" to me.organization.emailVerified,
                "subscription" to me.subscription,
            )
        }
        "subscription" -> {
            val subscription = client.createService(AccountApi::class.java).getSubscription().result("getSubscription")
            mapOf(
                "plan" to subscription.plan,
                "status" to subscription.status,
                "limits" to subscription.limits,
                "usage_snapshot" to subscription.usageSnapshot,
            )
        }
        "create_key" -> {
            val wanted = CreateApiKeyRequest(
                name = with["name"] as String,
                scopes = (with["scopes"] as List<*>).map { Scope.decode(it)!! }.toSet(),
                expiresInDays = (with["expires_in_days"] as Number?)?.toInt(),
            )
            val created = client.createService(APIKeysApi::class.java).createApiKey(wanted).result("createApiKey")
            mapOf(
                "begins" to created.plainTextKey.take(4),
                "name" to created.`data`?.name,
                "scopes" to created.`data`?.scopes,
                "status" to created.`data`?.status,
            )
        }
        "revoke_key" -> {
            val id = (with["id"] as Number).toLong()
            client.createService(APIKeysApi::class.java).revokeApiKey(id).resultOrNull("revokeApiKey")
            emptyMap<String, Any?>()
        }
        "register" -> {
            val registration = RegisterSenderNumberRequest(with["phone"] as String, with["display_name"] as String)
            val number = client.createService(SenderNumbersApi::class.java)
                .registerSenderNumber(registration).result("registerSenderNumber").`data`
            mapOf(
                "phone" to number.phone,
                "display_name" to number.displayName,
                "status" to number.status,
                "verified_at" to moment(number.verifiedAt),
            )
        }
        "raw" -> get(url + with["path"], key)
        "arrivals" -> mapOf("count" to arrivals().size)
        else -> error("no such call")
    }
}

private fun readLog(api: MessagesApi): Any {
    val entries = mutableListOf<MessageLogEntry>()
    var page = 0
    while (true) {
        page++
        val read = api.listMessages(page).result("listMessages")
        entries += read.`data`
        if (read.links?.next != null) continue
        return mapOf(
            "pages" to page,
            "total" to read.meta?.total,
            "count" to entries.size,
            "distinct" to entries.map { it.id }.distinct().size,
            "oldest" to entries.takeLast(5).map {
                mapOf(
                    "sender_number_id" to it.senderNumberId,
                    "message_type" to it.messageType,
                    "content" to it.content,
                    "status" to it.status,
                )
            },
        )
    }
}

private fun receipt(result: AcceptedMessage) = result.`data`.let {
    mapOf(
        "id" to it.id,
        "sender_number_id" to it.senderNumberId,
        "recipient_user_id" to it.recipientUserId,
        "message_type" to it.messageType,
        "content" to it.content,
        "status" to it.status,
    )
}

private fun moment(t: OffsetDateTime?) =
    t?.withOffsetSameInstant(ZoneOffset.UTC)?.truncatedTo(ChronoUnit.SECONDS)?.toInstant()?.toString()

/** The messages that the fake has accepted. */
private fun arrivals() = objects(get(URI(url).resolve("/_fake/messages").toString(), ""))

/** Reads any JSON, for requests that are not part of the API. */
private fun get(url: String, key: String): Any? {
    val request = Request.Builder().url(url).header("X-Api-Key", key).build()
    return OkHttpClient().newCall(request).execute().use { plain.fromJson(it.body.source()) }
}

/**
 * Compares a value with the expected one. An object may have more fields than expected, but an object that is expected to
 * be empty must be empty.
 */
private fun compare(path: String, want: Any?, got: Any?) {
    when {
        want is Map<*, *> && got is Map<*, *> && (want.isNotEmpty() || got.isEmpty()) ->
            want.forEach { (name, value) -> compare("$path.$name", value, got[name]) }
        want is List<*> && got is List<*> && want.size == got.size ->
            want.forEachIndexed { i, value -> compare("$path[$i]", value, got[i]) }
        want is Number && got is Number && want.toDouble() == got.toDouble() -> return
        want != got -> throw AssertionError("$path is $got, want $want")
    }
}

private fun parse(json: String) = fields(plain.fromJson(json))

@Suppress("UNCHECKED_CAST")
private fun fields(value: Any?) = (value ?: emptyMap<String, Any?>()) as Map<String, Any?>

private fun objects(value: Any?) = (value as List<*>).map(::fields)
