"use strict";
// Links items with their places, both ways; folding, filters and theme. Works on whatever record is in the page,
// so that the server can put another one there.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;
  const narrow = matchMedia("(max-width: 719px)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let pinned = []; // numbers of the items that stay lit
  let turn = 0; // which place of a pinned item is in view
  let timer = 0;

  const segments = (number) => all(`.article [data-items~="${number}"]`);
  const entry = (number) => document.getElementById(`i${number}`);
  const numbers = (segment) => segment.dataset.items.split(" ");
  const say = (text) => { const live = one("#live"); if (live) live.textContent = text; };

  function light(items) {
    for (const element of all(".lit")) element.classList.remove("lit");
    for (const number of items) {
      for (const element of segments(number)) element.classList.add("lit");
      for (const element of all(`[data-lights="${number}"]`)) element.classList.add("lit");
      entry(number)?.classList.add("lit");
    }
  }

  function reveal(element, block = "center") {
    element?.scrollIntoView({ block, inline: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  }

  // First segments of an item's places: a place is a run of segments.
  function places(number) {
    const found = segments(number);
    return found.filter((segment) => !found.includes(segment.previousElementSibling));
  }

  function view(name) {
    document.body.dataset.view = name;
    for (const tab of all(".tabs button")) tab.setAttribute("aria-pressed", String(tab.dataset.show === name));
  }

  function focus(element) {
    if (!element) return;
    if (element.tabIndex < 0) element.tabIndex = -1;
    element.focus({ preventScroll: true });
  }

  function toPlace(item, link) {
    const number = item.dataset.item;
    const spots = places(number);
    if (!spots.length) return;
    const named = link && document.getElementById(link.hash.slice(1));
    if (pinned[0] === number && pinned.length === 1) turn = (turn + 1) % spots.length;
    else turn = Math.max(0, spots.indexOf(named));
    pinned = [number];
    light(pinned);
    view("article");
    reveal(spots[turn]);
    focus(spots[turn]);
    say(`位置 ${turn + 1} / ${spots.length}。按 Esc 返回要点。`);
  }

  function toItems(segment) {
    const found = numbers(segment);
    // The same place again goes on to its next item.
    const same = pinned.length === found.length && found.every((n) => pinned.includes(n));
    pinned = found;
    turn = same ? (turn + 1) % found.length : 0;
    const item = entry(found[turn]);
    if (!item) return;
    if (item.closest("[hidden]") || item.hidden) showAll();
    item.closest("details").open = true;
    light(found);
    view("record");
    reveal(item);
    focus(one("a.go", item) ?? item);
    say(`${found.length} 条要点：${segment.title}`);
  }

  // Pointing and focus light things up; what was followed or clicked stays lit.
  function point(target) {
    const item = target.closest?.(".item");
    const segment = target.closest?.(".seg");
    const drawn = target.closest?.("[data-lights]");
    const found = item ? [item.dataset.item] : segment ? numbers(segment) : drawn ? [drawn.dataset.lights] : null;
    clearTimeout(timer);
    if (!found) {
      light(pinned);
      return;
    }
    light(found);
    if ((item || drawn) && !narrow.matches) timer = setTimeout(() => {
      const spots = places(found[0]);
      const pane = one(".article").getBoundingClientRect();
      const seen = spots.some((s) => { const box = s.getBoundingClientRect(); return box.top >= pane.top && box.bottom <= pane.bottom; });
      if (!seen) reveal(spots[0]);
    }, 140);
  }

  document.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch") point(event.target); });
  document.addEventListener("focusin", (event) => { if (event.target.closest(".items, .figures")) point(event.target); });

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("button, input, select, textarea, summary, dialog")) return command(target.closest("button"));
    if (!String(getSelection()).trim()) {
      const segment = target.closest(".seg");
      if (segment) return toItems(segment);
    }
    const item = target.closest(".item") ?? entry(target.closest("[data-lights]")?.dataset.lights);
    if (item) {
      event.preventDefault();
      return toPlace(item, target.closest("a.go"));
    }
    if (target.closest(".pane")) { pinned = []; light(pinned); }
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, dialog")) return;
    const inArticle = event.target.closest(".article");
    if (event.key === "Escape" && pinned.length) {
      const number = pinned[Math.min(turn, pinned.length - 1)];
      const item = entry(pinned.length === 1 ? pinned[0] : number);
      if (inArticle && item) {
        view("record");
        item.closest("details").open = true;
        reveal(item);
        focus(one("a.go", item) ?? item);
      }
      pinned = [];
      light(pinned);
    } else if (inArticle && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const found = all(".article .seg");
      const at = found.indexOf(event.target.closest(".seg"));
      const next = found[at < 0 ? 0 : at + (event.key === "ArrowRight" ? 1 : -1)];
      if (!next) return;
      event.preventDefault();
      reveal(next, "nearest");
      focus(next);
      light(numbers(next));
      say(next.title);
    } else if (inArticle && event.key === "Enter" && event.target.closest(".seg")) {
      event.preventDefault();
      toItems(event.target.closest(".seg"));
    }
  });

  // The bar
  function command(button) {
    if (!button) return;
    if (button.dataset.section) {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      filter();
    } else if (button.dataset.show) {
      view(button.dataset.show);
      if (button.dataset.show === "record" && pinned.length) reveal(entry(pinned[0]));
    } else if (button.id === "fold") {
      const open = !all("details.section").some((section) => section.open);
      for (const section of all("details.section")) section.open = open;
      button.textContent = open ? "折叠" : "展开";
    } else if (button.id === "theme") {
      const order = ["auto", "light", "dark"];
      theme(order[(order.indexOf(root.dataset.theme ?? "auto") + 1) % 3]);
    }
  }

  function filter() {
    const chosen = new Set(all(".chip[aria-pressed='true']").map((chip) => chip.dataset.section));
    const words = one("#find")?.value.trim().toLowerCase() ?? "";
    let count = 0;
    for (const section of all("details.section")) {
      const on = !chosen.size || chosen.has(section.dataset.section);
      let hits = 0;
      for (const item of all(".item", section)) {
        item.hidden = Boolean(words) && !item.textContent.toLowerCase().includes(words);
        hits += !item.hidden;
      }
      section.hidden = !on || (Boolean(words) && !hits);
      if (words && hits) section.open = true;
      if (!section.hidden) count += hits;
    }
    for (const mark of all(".article .tint, .article .line")) {
      const number = [...mark.classList].find((name) => /^s\d+$/.test(name)).slice(1);
      mark.classList.toggle("off", chosen.size > 0 && !chosen.has(number));
    }
    say(`${count} 条要点`);
  }

  function showAll() {
    for (const chip of all(".chip")) chip.setAttribute("aria-pressed", "false");
    const find = one("#find");
    if (find) find.value = "";
    filter();
  }

  function theme(name) {
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    const button = one("#theme");
    if (button) button.textContent = { auto: "◐ 自动", light: "☀ 浅色", dark: "☾ 深色" }[name];
    try { localStorage.setItem("nlp-extract-theme", name); } catch { /* no storage for files in some browsers */ }
  }

  document.addEventListener("input", (event) => { if (event.target.id === "find") filter(); });
  addEventListener("beforeprint", () => { for (const section of all("details.section")) section.open = true; });

  root.classList.add("js");
  for (const element of all(".needs-js")) element.hidden = false;
  view("article");
  let saved = "auto";
  try { saved = localStorage.getItem("nlp-extract-theme") ?? "auto"; } catch { /* see above */ }
  theme(["auto", "light", "dark"].includes(saved) ? saved : "auto");
  globalThis.nlpExtract = { filter, light, view, release() { pinned = []; light(pinned); } };
})();
