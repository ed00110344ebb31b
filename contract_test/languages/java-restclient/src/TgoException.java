import java.util.List;
import java.util.Map;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;
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
    T make();
  }

  /** Makes a call and turns the generated exception into ours, where it is an answer of the API. */
  public static <T> T explain(String operation, Map<String, List<String>> scopes, Call<T> call) throws TgoException {
    try {
      return call.make();
    } catch (RestClientResponseException e) {
      if (e.getResponseHeaders() == null) {
        throw e; // no answer: the generated code throws the same where a parameter is missing
      }
      Error said;
      try {
        said = e.getResponseBodyAs(Error.class);
      } catch (RestClientException html) {
        throw e; // a proxy's
      }
      if (said == null) {
        throw e; // no body
      }
      int status = e.getStatusCode().value();
      List<String> needed = status == 403 ? scopes.getOrDefault(operation, List.of()) : List.of();
      throw new TgoException(status, said, needed);
    }
  }
}
