// Shows the OpenAPI document of this service.
const viewer = document.getElementById("viewer");
window.SwaggerUIBundle({
  url: viewer.dataset.document,
  domNode: viewer,
  deepLinking: true,
  validatorUrl: null, // no external calls
  presets: [window.SwaggerUIBundle.presets.apis, window.SwaggerUIStandalonePreset],
});
