"use strict";
// The contract itself is shown; only its server is this fake.
const admin = new URLSearchParams(location.search).has("admin");
const ui = SwaggerUIBundle({
  url: admin ? "/docs/admin.yaml" : "/docs/openapi.yaml",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  showExtensions: true,
  // A field of a form that was cleared is meant to be absent; Swagger UI would send it empty.
  requestInterceptor(request) {
    if (request.body instanceof FormData) {
      for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
    }
    return request;
  },
  async onComplete() {
    if (!admin) {
      const answer = await fetch("/_fake/keys");
      const keys = answer.ok ? await answer.json() : [];
      const key = keys.find((/** @type {{status: string}} */ k) => k.status === "active");
      if (key) ui.preauthorizeApiKey("ApiKeyAuth", key.key);
    }
    document.documentElement.dataset.ready = "true";
  },
});
