/** The global that Swagger UI's script defines, as far as docs.js uses it. */
declare function SwaggerUIBundle(options: SwaggerUIOptions): { preauthorizeApiKey(scheme: string, key: string): void };

interface SwaggerUIOptions {
  url: string;
  dom_id: string;
  requestInterceptor?(request: { url: string; method: string; headers: Record<string, string>; body?: unknown }): unknown;
  onComplete?(): void | Promise<void>;
  [option: string]: unknown;
}
