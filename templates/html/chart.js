(() => {
  "use strict";
  const all = (query) => document.querySelectorAll(query);
  const chart = document.getElementById("chart");
  const box = document.getElementById("chartbox");
  let zoom = 1;
  const label = () => all("#chart .mark text").forEach((text) => {
    const fits = text.previousElementSibling.getBoundingClientRect().width > 8 + 7 * text.textContent.length;
    text.classList.toggle("fits", fits);
    text.classList.toggle("tight", !fits);
  });
  addEventListener("resize", label);
  all("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    const middle = (box.scrollLeft + box.clientWidth / 2) / box.scrollWidth;
    const factor = Number(button.dataset.zoom);
    zoom = factor ? Math.min(64, Math.max(1, zoom * factor)) : 1;
    chart.setAttribute("width", `${zoom * 100}%`);
    label();
    box.scrollLeft = middle * box.scrollWidth - box.clientWidth / 2;
  }));
  all("[data-to]").forEach((mark) => mark.addEventListener("click", () => {
    location.hash = mark.dataset.to;
  }));
  if (chart) label();
})();
