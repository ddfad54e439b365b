"use strict";
(() => {
  const table = document.getElementById("nodes");
  const form = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const openAll = document.getElementById("open");
  const bodies = [...table.tBodies];
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const texts = new Map();

  const textOf = (body) => {
    if (!texts.has(body)) {
      const cells = [...body.rows[0].cells, ...body.querySelectorAll("dd, dt")];
      texts.set(body, cells.map((cell) => cell.textContent).join("\n").toLowerCase());
    }
    return texts.get(body);
  };

  const hasDrift = (body, wanted) => {
    const reasons = body.dataset.drift.split(" ").filter(Boolean);
    if (wanted === "-") return reasons.length === 0;
    return wanted === "*" ? reasons.length > 0 : reasons.includes(wanted);
  };

  const filter = () => {
    const text = form.elements.text.value.trim().toLowerCase();
    const status = form.elements.status.value;
    const drift = form.elements.drift.value;
    let count = 0;
    for (const body of bodies) {
      const fits =
        (!status || body.dataset.status === status) &&
        (!drift || hasDrift(body, drift)) &&
        text.split(/\s+/).every((part) => textOf(body).includes(part));
      body.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${bodies.length} nodes`;
    nothing.hidden = count > 0;
  };

  const sort = (heading) => {
    const column = heading.cellIndex;
    const upwards = heading.getAttribute("aria-sort") !== "ascending";
    const numbers = heading.dataset.kind === "number";
    const keys = new Map(bodies.map((body) => [body, body.rows[0].cells[column].dataset.order]));
    bodies.sort((one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      const order = numbers ? Number(a) - Number(b) : words.compare(a, b);
      return upwards ? order : -order;
    });
    for (const each of heading.parentNode.cells) each.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", upwards ? "ascending" : "descending");
    table.append(...bodies);
  };

  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading));
    heading.append(button);
  }
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  openAll.addEventListener("click", () => {
    const opens = openAll.getAttribute("aria-pressed") !== "true";
    openAll.setAttribute("aria-pressed", String(opens));
    for (const body of bodies) if (!body.hidden) body.querySelector("details").open = opens;
  });
  form.hidden = false;
  filter();
})();
