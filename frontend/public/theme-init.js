/* What has to be done before the first paint: the chosen theme and size of text, and an early start for the parser. */
(function () {
  try {
    var mode = localStorage.getItem('chatbot.theme');
    if (mode === 'light' || mode === 'dark') {
      document.documentElement.setAttribute('data-theme', mode);
      /* The one of the browser's bar that fits holds whatever the system is set to. */
      document.querySelectorAll('meta[name="theme-color"]').forEach(function (colour) {
        colour.media = colour.media.indexOf(mode) < 0 ? 'not all' : 'all';
      });
    }
    var size = localStorage.getItem('chatbot.text-size');
    if (size === 'small' || size === 'large' || size === 'larger') {
      document.documentElement.setAttribute('data-text', size);
    }
  } catch {
    /* Storage is blocked: the system's theme applies. */
  }

  /* A conversation is fetched together with what reads it; the welcome screen does without. */
  var parser = document.currentScript && document.currentScript.getAttribute('data-parser');
  if (parser && location.pathname.indexOf('/c/') === 0) {
    var hint = document.createElement('link');
    hint.rel = 'modulepreload';
    hint.crossOrigin = '';
    hint.href = parser;
    document.head.appendChild(hint);
  }
})();
