/* Sets the chosen theme before the first paint. */
(function () {
  try {
    var mode = localStorage.getItem('chatbot.theme');
    if (mode === 'light' || mode === 'dark') {
      document.documentElement.setAttribute('data-theme', mode);
    }
  } catch (_) {
    /* Storage is blocked: the system's theme applies. */
  }
})();
