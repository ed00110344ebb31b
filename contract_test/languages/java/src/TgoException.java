import com.google.gson.JsonSyntaxException;
import java.util.List;
import java.util.Map;
import tgo.api.ApiException;
import tgo.api.JSON;
import tgo.api.model.Error;

/** A refusal by the API. Copy it. */
public final class TgoException extends Exception {
  /** The scopes that each operation requires: x-required-scopes in openapi.yaml, which the generator drops. */
  private static final Map<String, List<String>> REQUIRED_SCOPES =
      Map.of(
          "sendMessage", List.of("messages.send"),
          "listMessages", List.of("messages.read"),
          "lookupContact", List.of("contacts.lookup"),
          "getUsage", List.of("usage.read"),
          "registerSenderNumber", List.of("messages.send"));

  public final int status;
  public final Map<String, List<String>> fields;

  /** The scopes that the key needs; set for a 403 only. */
  public final List<String> requiredScopes;

  private TgoException(int status, Error said, List<String> requiredScopes) {
    super(said.getMessage());
    this.status = status;
    this.fields = said.getErrors() == null ? Map.of() : said.getErrors();
    this.requiredScopes = requiredScopes;
  }

  /** A call of the generated client. */
  public interface Call<T> {
    T make() throws ApiException;
  }

  /** Makes a call. Throws a TgoException in place of the generated exception if the API refused the request. */
  public static <T> T explain(String operation, Call<T> call) throws TgoException, ApiException {
    try {
      return call.make();
    } catch (ApiException e) {
      if (e.getResponseBody() == null) {
        throw e; // no response
      }
      Error said;
      try {
        said = JSON.getGson().fromJson(e.getResponseBody(), Error.class);
      } catch (JsonSyntaxException html) {
        throw e; // the HTML page of a proxy
      }
      if (said == null) {
        throw e; // no body
      }
      List<String> needed = e.getCode() == 403 ? REQUIRED_SCOPES.getOrDefault(operation, List.of()) : List.of();
      throw new TgoException(e.getCode(), said, needed);
    }
  }
}
