// What to write by hand around the generated client: a connection with a key, and one exception.

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
    /** Of a 403: the scopes that the key must have. */
    val requiredScopes: List<String>,
) : Exception(message)

fun connect(url: String, key: String): ApiClient {
    val http = OkHttpClient.Builder()
        .followRedirects(false) // one would take the key along to another host
        .retryOnConnectionFailure(false) // or a message may go out twice
        .addInterceptor(ApiKeyAuth("header", "X-Api-Key", key))
    return ApiClient(baseUrl = url, okHttpClientBuilder = http)
}

/** Makes a call and returns what the API answered with, or throws. [scopes] has what each operation needs. */
fun <T> Call<T>.result(operation: String, scopes: Map<String, List<String>>): T = resultOrNull(operation, scopes)!!

/** The same for an operation that answers with nothing. */
fun <T> Call<T>.resultOrNull(operation: String, scopes: Map<String, List<String>>): T? {
    val response = execute()
    if (response.isSuccessful) return response.body()
    val said = try {
        response.getErrorResponse<Error>()
    } catch (e: JsonDataException) {
        null
    } catch (e: JsonEncodingException) {
        null // a proxy's HTML
    } ?: throw HttpException(response)
    val needed = if (response.code() == 403) scopes[operation].orEmpty() else emptyList()
    throw TgoException(response.code(), said.message, said.errors.orEmpty(), needed)
}
