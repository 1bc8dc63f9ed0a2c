(() => {
  "use strict";
  const all = (query) => [...document.querySelectorAll(query)];
  const table = document.getElementById("table");
  if (!table) return;
  const units = JSON.parse(document.getElementById("data").textContent).units;
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row, n) => ({ row, unit: units[n], n, text: row.textContent.toLowerCase() }));
  const selects = all("[data-filter]");
  const find = document.getElementById("find");
  const count = document.getElementById("count");
  const order = ["no", "partial", "yes", "error", "not judged"];
  const value = ({ row, unit }, key) => {
    if (key === "id") return unit.id;
    if (key === "turns") return unit.facts ? unit.facts.turns : -1;
    if (key === "verdict") return order.indexOf(unit.state);
    if (key === "reason") return row.cells[3].textContent;
    return unit.groups[key].join(", ");
  };
  const apply = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach(({ row, unit, text }) => {
      const fits = words.every((word) => text.includes(word)) &&
        selects.every((one) => !one.value || unit.groups[one.dataset.filter].includes(one.value));
      row.hidden = !fits;
      shown += fits;
    });
    count.textContent = `${shown} of ${rows.length} units`;
  };
  const collator = new Intl.Collator("en", { numeric: true });
  const heads = all("#table [data-sort]");
  const sort = (head, down) => {
    heads.forEach((one) => one.removeAttribute("aria-sort"));
    const key = head && head.dataset.sort;
    if (head) head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const sign = down ? -1 : 1;
    const compare = (a, b) => (typeof a === "number" ? a - b : collator.compare(a, b));
    const sorted = [...rows].sort((a, b) => (key ? sign * compare(value(a, key), value(b, key)) : 0) || a.n - b.n);
    body.append(...sorted.map((one) => one.row));
  };
  heads.forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.textContent = head.textContent;
    const printed = document.createElement("span"); // a browser repeats text on each sheet, but no button
    printed.className = "printed";
    printed.textContent = head.textContent;
    head.replaceChildren(button, printed);
    button.addEventListener("click", () => sort(head, head.getAttribute("aria-sort") === "ascending"));
  });
  const clear = () => {
    find.value = "";
    selects.forEach((one) => { one.value = ""; });
  };
  [find, ...selects].forEach((field) => field.addEventListener("input", apply));
  document.getElementById("reset").addEventListener("click", () => { clear(); sort(null, false); apply(); });
  all("[data-key]").forEach((link) => link.addEventListener("click", () => {
    const field = selects.find((one) => one.dataset.filter === link.dataset.key);
    if (!field) return;
    clear();
    field.value = link.dataset.value;
    apply();
  }));
  const bare = () => {
    const row = document.getElementById(location.hash.slice(1));
    if (row && row.hidden) { clear(); apply(); row.scrollIntoView(); }
  };
  addEventListener("hashchange", bare);
})();
