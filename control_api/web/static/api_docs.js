// Shows the OpenAPI document that this service gives of itself.
const viewer = document.getElementById("viewer");
window.SwaggerUIBundle({
  url: viewer.dataset.document,
  domNode: viewer,
  deepLinking: true,
  validatorUrl: null, // no call to anybody outside
  presets: [window.SwaggerUIBundle.presets.apis, window.SwaggerUIStandalonePreset],
});
