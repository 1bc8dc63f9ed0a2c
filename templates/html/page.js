(() => {
  "use strict";
  const all = (query) => document.querySelectorAll(query);
  all("[hidden].zoom").forEach((part) => { part.hidden = false; });
  const show = () => {
    const part = document.getElementById(location.hash.slice(1));
    if (part && part.matches("details")) part.open = true;
  };
  addEventListener("hashchange", show);
  show();
  all("[data-fold]").forEach((button) => button.addEventListener("click", () => {
    all("details.call").forEach((part) => { part.open = button.dataset.fold === "open"; });
  }));
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...all("details:not([open])")];
    opened.forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((part) => { part.open = false; }));
})();
