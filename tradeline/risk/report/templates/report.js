"use strict";
(() => {
  const title = document.title;
  const details = Array.from(document.querySelectorAll("details"));
  let left = "";
  const show = () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const firm = place && place.classList.contains("firm");
    document.title = firm ? place.querySelector("h2").textContent + " – " + title : title;
    if (firm) {
      window.scrollTo(0, 0);
      place.focus({ preventScroll: true });
    } else if (left && ["", "#firms"].includes(location.hash)) {
      // Back from a firm, the reader goes on in the list where it was left.
      const link = document.querySelector(`#firm-table a[href="#${left}"]`);
      link.scrollIntoView({ block: "center" });
      link.focus({ preventScroll: true });
    }
    left = firm ? place.id : "";
  };
  window.addEventListener("hashchange", show);
  show();

  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = details.filter((each) => !each.open);
    closed.forEach((each) => { each.open = true; });
  });
  window.addEventListener("afterprint", () => {
    closed.forEach((each) => { each.open = false; });
  });

  const table = document.getElementById("firm-table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const texts = rows.map((row) => row.cells[0].textContent.toLowerCase());
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const controls = document.getElementById("controls");
  const headers = Array.from(table.tHead.rows[0].cells);
  const order = new Intl.Collator("en", { numeric: true });

  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    const outcome = controls.querySelector("input[name=outcome]:checked").value;
    let count = 0;
    rows.forEach((row, index) => {
      const fits = texts[index].includes(wanted) && (!outcome || row.dataset.outcome === outcome);
      row.hidden = !fits;
      count += fits ? 1 : 0;
    });
    shown.textContent = count.toLocaleString("en") + " of " +
      rows.length.toLocaleString("en") + (rows.length === 1 ? " firm" : " firms") + " shown";
  };

  const key = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.v === undefined) return cell.textContent.trim();
    return cell.dataset.v === "" ? null : Number(cell.dataset.v);
  };

  // What is not known comes last in either direction; equal rows keep the order of the report.
  const sort = (column, sign) => {
    const keyed = rows.map((row, index) => [key(row, column), index, row]);
    keyed.sort(([a, i], [b, j]) => {
      if (a === null || b === null) return (a === null) - (b === null) || i - j;
      const compared = typeof a === "number" ? a - b : order.compare(a, b);
      return sign * compared || i - j;
    });
    body.append(...keyed.map(([, , row]) => row));
  };

  headers.forEach((header, column) => {
    const button = header.querySelector("button");
    button.disabled = false;
    button.addEventListener("click", () => {
      const down = header.getAttribute("aria-sort") === "ascending";
      headers.forEach((each) => each.setAttribute("aria-sort", "none"));
      header.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(column, down ? -1 : 1);
    });
  });
  search.addEventListener("input", filter);
  controls.addEventListener("change", filter);
  controls.hidden = false;
  filter();
})();
