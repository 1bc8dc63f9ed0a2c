(() => {
  "use strict";
  const at = (id) => document.getElementById(id);
  const data = JSON.parse(at("data").textContent);
  const key = `session-classify-labels-${data.key}`;
  const units = [...document.querySelectorAll(".unit")];
  const places = [...document.querySelectorAll("[data-place]")];
  const radios = (n) => [...document.querySelectorAll(`input[name=label${n + 1}]`)];
  const rater = at("rater");
  const state = at("state");
  let current = 0;
  let saved = true; // in a file, or nothing to lose
  let kept = true; // in this browser

  const read = () => {
    try {
      const found = JSON.parse(localStorage.getItem(key) || "{}");
      return found && typeof found === "object" ? found : {};
    } catch {
      kept = false;
      return {};
    }
  };
  const before = read();
  const labels = new Map(); // by unit id: { label, note }
  const stored = before.labels && typeof before.labels === "object" ? before.labels : {};
  data.units.forEach((id) => {
    const one = Object.hasOwn(stored, id) ? stored[id] : null;
    const known = one && ["yes", "partial", "no", ""].includes(one.label);
    labels.set(id, known ? { label: one.label, note: String(one.note || "") } : { label: "", note: "" });
  });
  const keep = () => {
    saved = false;
    try {
      localStorage.setItem(key, JSON.stringify({ rater: rater.value, labels: Object.fromEntries(labels) }));
      kept = true;
    } catch {
      kept = false;
    }
  };
  const done = () => data.units.filter((id) => labels.get(id).label);
  const say = (text) => {
    const lost = kept ? "" : " This browser keeps nothing: download the labels before you close the page.";
    state.textContent = `${text}${done().length} of ${units.length} labelled.${lost}`;
  };
  const mark = (n) => {
    const { label } = labels.get(data.units[n]);
    places[n].textContent = label ? `${n + 1} ${label}` : `${n + 1}`;
    places[n].classList.toggle("done", Boolean(label));
  };
  const fill = (n) => {
    const { label, note } = labels.get(data.units[n]);
    radios(n).forEach((one) => { one.checked = one.value === label; });
    at(`note${n + 1}`).value = note;
    mark(n);
  };
  const put = (n, change) => {
    labels.set(data.units[n], { ...labels.get(data.units[n]), ...change });
    keep();
    fill(n);
    say("");
  };
  const show = (n, focus) => {
    if (!units.length) return;
    current = Math.min(units.length - 1, Math.max(0, n));
    units.forEach((unit, place) => { unit.hidden = place !== current; });
    places.forEach((place, number) => {
      if (number === current) place.setAttribute("aria-current", "true");
      else place.removeAttribute("aria-current");
    });
    if (focus) {
      history.replaceState(null, "", `#unit${current + 1}`);
      units[current].focus({ preventScroll: true });
      units[current].scrollIntoView();
    }
  };
  const open = () => {
    const order = units.map((_, n) => (current + 1 + n) % units.length);
    const next = order.find((n) => !labels.get(data.units[n]).label);
    if (next === undefined) say("All done: download the labels. ");
    else show(next, true);
  };
  const download = () => {
    const name = rater.value.trim();
    if (!name || !done().length) {
      say(name ? "Nothing to download yet. " : "Give your name first. ");
      if (!name) rater.focus();
      return;
    }
    const rows = done().map((id) => JSON.stringify({ id, rater: name, ...labels.get(id) }));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${rows.join("\n")}\n`], { type: "application/x-ndjson" }));
    link.download = `labels-${name.replace(/[^\w.-]+/g, "_")}.jsonl`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    saved = true;
    say(`${rows.length} labels are in ${link.download}. `);
  };

  units.forEach((_, n) => {
    radios(n).forEach((one) => one.addEventListener("change", () => put(n, { label: one.value })));
    at(`note${n + 1}`).addEventListener("input", (event) => {
      labels.set(data.units[n], { ...labels.get(data.units[n]), note: event.target.value });
      keep();
    });
    fill(n);
  });
  document.querySelectorAll("[data-clear]").forEach((button, n) => {
    button.addEventListener("click", () => put(n, { label: "" }));
  });
  at("before").addEventListener("click", () => show(current - 1, true));
  at("after").addEventListener("click", () => show(current + 1, true));
  at("open").addEventListener("click", open);
  at("download").addEventListener("click", download);
  rater.value = data.rater || String(before.rater || "");
  rater.addEventListener("input", keep);
  const words = { y: "yes", p: "partial", n: "no" };
  const moves = {
    j: () => show(current + 1, true),
    k: () => show(current - 1, true),
    m: () => at(`note${current + 1}`).focus(),
    d: download,
  };
  addEventListener("keydown", (event) => {
    const writing = event.target.matches("textarea, input:not([type=radio]):not([type=checkbox])");
    if (writing && event.key === "Escape") units[current].focus();
    if (writing || !at("keys").checked || event.ctrlKey || event.metaKey || event.altKey) return;
    const word = words[event.key.toLowerCase()];
    const move = moves[event.key.toLowerCase()];
    if (!units.length || (!word && !move)) return;
    event.preventDefault();
    if (word) {
      put(current, { label: word });
      open();
    } else move();
  });
  const called = () => {
    const found = /^#(?:unit|writes)(\d+)/.exec(location.hash);
    if (found) show(Number(found[1]) - 1, false);
    const part = found && document.getElementById(location.hash.slice(1));
    if (part) part.scrollIntoView();
  };
  addEventListener("hashchange", called);
  addEventListener("beforeunload", (event) => {
    if (!kept && !saved) event.preventDefault();
  });
  show(0, false);
  called();
  if (units.length) say("");
})();
