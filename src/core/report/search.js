"use strict";
(() => {
  const box = document.getElementById("find");
  if (!box) return;
  box.parentElement.hidden = false;
  const found = document.getElementById("found");
  const rest = document.getElementById("rest");
  let rows = null;
  box.addEventListener("input", () => {
    rows = rows || Array.from(document.querySelectorAll("tr[data-b]"), (row) =>
      [row, row.querySelector("th").textContent.toLowerCase()]);
    const wanted = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0, among = 0;
    for (const [row, text] of rows) {
      const fits = wanted.every((word) => text.includes(word));
      row.hidden = !fits;
      shown += fits;
      among += fits && !!rest && rest.contains(row);
    }
    if (rest) rest.open = wanted.length > 0 && among > 0;
    const plain = (number) => number.toLocaleString("en");
    found.textContent = wanted.length ? plain(shown) + " of " + plain(rows.length) : "";
  });
})();
