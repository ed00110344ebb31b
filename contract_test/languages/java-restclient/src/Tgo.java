import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import tgo.api.ApiClient;

/** Makes generated clients. Copy it. */
public final class Tgo {
  // Java's own HTTP client repeats no POST. If none is set, Spring takes any that it finds, which may repeat it.
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NEVER) // a redirect would send the key to another host
          .build();

  private Tgo() {}

  public static ApiClient connect(String url, String key) {
    // Otherwise a field that is not set is sent as null.
    ObjectMapper mapper = ApiClient.createDefaultMapper(null).setSerializationInclusion(JsonInclude.Include.NON_NULL);
    RestClient rest =
        ApiClient.buildRestClientBuilder(mapper)
            .requestFactory(new JdkClientHttpRequestFactory(HTTP))
            .defaultStatusHandler( // otherwise it is a success without a body
                HttpStatusCode::is3xxRedirection,
                (request, response) -> {
                  throw new RestClientException("TGO returned " + response.getStatusCode());
                })
            .build();
    ApiClient client = new ApiClient(rest, mapper, ApiClient.createDefaultDateFormat());
    client.setBasePath(url);
    client.setApiKey(key);
    return client;
  }
}
