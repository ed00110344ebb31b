// The hand-written part around the generated client: a connection with a key, and one exception. Copy it.

import com.squareup.moshi.JsonDataException
import com.squareup.moshi.JsonEncodingException
import okhttp3.OkHttpClient
import retrofit2.Call
import retrofit2.HttpException
import tgo.api.auth.ApiKeyAuth
import tgo.api.infrastructure.ApiClient
import tgo.api.infrastructure.getErrorResponse
import tgo.api.models.Error

/** A refusal by the API. */
class TgoException(
    val status: Int,
    override val message: String,
    val fields: Map<String, List<String>>,
    /** The scopes that the key needs; set for a 403 only. */
    val requiredScopes: List<String>,
) : Exception(message)

/** The scopes that each operation requires: x-required-scopes in openapi.yaml, which the generator drops. */
private val requiredScopes = mapOf(
    "sendMessage" to listOf("messages.send"),
    "listMessages" to listOf("messages.read"),
    "lookupContact" to listOf("contacts.lookup"),
    "getUsage" to listOf("usage.read"),
    "registerSenderNumber" to listOf("messages.send"),
)

fun connect(url: String, key: String): ApiClient {
    val http = OkHttpClient.Builder()
        .followRedirects(false) // a redirect would send the key to another host
        .retryOnConnectionFailure(false) // otherwise a message may be sent twice
        .addInterceptor(ApiKeyAuth("header", "X-Api-Key", key))
    return ApiClient(baseUrl = url, okHttpClientBuilder = http)
}

/** Makes a call and returns the response of the API, or throws. */
fun <T> Call<T>.result(operation: String): T = resultOrNull(operation)!!

/** The same for an operation whose response has no body. */
fun <T> Call<T>.resultOrNull(operation: String): T? {
    val response = execute()
    if (response.isSuccessful) return response.body()
    val said = try {
        response.getErrorResponse<Error>()
    } catch (e: JsonDataException) {
        null
    } catch (e: JsonEncodingException) {
        null // the HTML page of a proxy
    } ?: throw HttpException(response)
    val needed = if (response.code() == 403) requiredScopes[operation].orEmpty() else emptyList()
    throw TgoException(response.code(), said.message, said.errors.orEmpty(), needed)
}
