import okhttp3.OkHttpClient;
import tgo.api.ApiClient;

/** Makes generated clients. Copy it. */
public final class Tgo {
  private Tgo() {}

  public static ApiClient connect(String url, String key) {
    OkHttpClient http =
        new OkHttpClient.Builder()
            .followRedirects(false) // a redirect would send the key to another host
            .retryOnConnectionFailure(false) // otherwise a message may be sent twice
            .build();
    ApiClient client = new ApiClient(http);
    client.setBasePath(url);
    client.setApiKey(key);
    return client;
  }
}
