import okhttp3.OkHttpClient;
import tgo.api.ApiClient;

/** Makes generated clients. */
public final class Tgo {
  private Tgo() {}

  public static ApiClient connect(String url, String key) {
    OkHttpClient http =
        new OkHttpClient.Builder()
            .followRedirects(false) // one would take the key along to another host
            .retryOnConnectionFailure(false) // or a message may go out twice
            .build();
    ApiClient client = new ApiClient(http);
    client.setBasePath(url);
    client.setApiKey(key);
    return client;
  }
}
