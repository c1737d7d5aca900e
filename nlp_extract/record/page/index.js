"use strict";
// Search in the list of articles.
(() => {
  const find = document.getElementById("find");
  const rows = [...document.querySelectorAll(".index li")];
  const live = document.getElementById("live");
  function search() {
    const words = find.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = `${row.textContent} ${row.dataset.words ?? ""}`.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      count += !row.hidden;
    }
    live.textContent = `${count} / ${rows.length} 篇`;
  }
  for (const element of document.querySelectorAll(".needs-js")) element.hidden = false;
  find.addEventListener("input", search);
  search();
})();
