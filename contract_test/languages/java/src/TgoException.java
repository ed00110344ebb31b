import com.google.gson.JsonSyntaxException;
import java.util.List;
import java.util.Map;
import tgo.api.ApiException;
import tgo.api.JSON;
import tgo.api.model.Error;

/** A refusal by the API. */
public final class TgoException extends Exception {
  public final int status;
  public final Map<String, List<String>> fields;

  /** Of a 403: the scopes that the key must have. */
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

  /** Makes a call and turns the generated exception into ours, where it is an answer of the API. */
  public static <T> T explain(String operation, Map<String, List<String>> scopes, Call<T> call)
      throws TgoException, ApiException {
    try {
      return call.make();
    } catch (ApiException e) {
      if (e.getResponseBody() == null) {
        throw e; // no answer
      }
      Error said;
      try {
        said = JSON.getGson().fromJson(e.getResponseBody(), Error.class);
      } catch (JsonSyntaxException html) {
        throw e; // a proxy's
      }
      if (said == null) {
        throw e; // no body
      }
      List<String> needed = e.getCode() == 403 ? scopes.getOrDefault(operation, List.of()) : List.of();
      throw new TgoException(e.getCode(), said, needed);
    }
  }
}
