"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  document.documentElement.classList.add("js");

  // --- colours: as the system, light, dark
  const themes = ["auto", "light", "dark"];
  const remember = (value) => { try { localStorage.setItem("gradfuzz-theme", value); } catch { /* not allowed: fine */ } };
  const recall = () => { try { return localStorage.getItem("gradfuzz-theme"); } catch { return null; } };
  function setTheme(theme) {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    const button = $("#theme");
    button.textContent = theme[0].toUpperCase() + theme.slice(1);
    button.setAttribute("aria-label", "Colours: " + (theme === "auto" ? "as the system" : theme));
  }
  let theme = themes.includes(recall()) ? recall() : "auto";
  setTheme(theme);
  $("#theme").addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    setTheme(theme);
    remember(theme);
  });

  // --- copying
  async function copy(text) {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* the old way, below */ }
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "skip";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
  function textFor(button) {
    const what = button.dataset.copies;
    if (what === "previous") return button.previousElementSibling.textContent;
    const article = button.closest("article");
    if (what === "replay") return $(".replay code", article).textContent;
    return $(`pre[data-text="${what}"]`, article).textContent;
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    const label = button.textContent;
    const done = await copy(textFor(button));
    button.textContent = done ? "Copied" : "Could not copy";
    button.classList.add("done");
    setTimeout(() => { button.textContent = label; button.classList.remove("done"); }, 1500);
  });

  // --- heatmaps: what stands under the pointer
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  document.body.append(tip);
  // A pixel of the map's picture is a cell: orange was never reached, blue is the stronger the oftener.
  const amount = ([red, , blue, alpha]) => {
    if (alpha === 0) return "not expected";
    if (red > blue) return "never reached";
    const step = Math.round(((alpha - 70) * 11) / 185);
    if (step === 0) return "once";
    return step === 11 ? `${2 ** step} times or more` : `${2 ** step} to ${2 ** (step + 1) - 1} times`;
  };
  async function pixels(map) {
    const image = new Image();
    image.src = $("image", map).href.baseVal;
    await image.decode();
    const pen = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height })
      .getContext("2d");
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, image.width, image.height);
  }
  for (const map of $$(".heat")) {
    const names = { row: $$(".r text", map), column: $$(".c text", map) };
    let picture = null;
    map.addEventListener("pointermove", async (event) => {
      const box = map.getBoundingClientRect();
      const column = Math.floor((event.clientX - box.left - map.dataset.left) / map.dataset.cell);
      const row = Math.floor((event.clientY - box.top - map.dataset.top) / map.dataset.cell);
      picture ??= pixels(map);
      const { data, width } = await picture;
      tip.hidden = !names.row[row] || !names.column[column];
      if (tip.hidden) return;
      const at = 4 * (row * width + column);
      const words = amount(data.subarray(at, at + 4));
      tip.textContent = `${names.row[row].textContent} → ${names.column[column].textContent}: ${words}`;
      tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
      tip.style.top = event.clientY + 18 + "px";
    });
    map.addEventListener("pointerleave", () => { tip.hidden = true; });
  }

  // --- going somewhere: sections on the way learn their height only when they come near, so it takes some frames
  function settle(target, frames = 12, before = null) {
    target.scrollIntoView({ block: "start", behavior: "instant" });
    const now = Math.round(target.getBoundingClientRect().top);
    if (frames > 0 && now !== before) requestAnimationFrame(() => settle(target, frames - 1, now));
  }
  const named = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));
  window.addEventListener("hashchange", () => { if (named()) settle(named()); });
  if (location.hash && named()) settle(named());

  const form = $("#filters");
  if (!form) return;

  // --- filters: the table's rows and the findings below it
  const facets = ["state", "kind", "side", "op"];
  const body = $("#table tbody");
  const rows = [...body.rows].map((row, place) => ({
    row, place, data: row.dataset, article: document.getElementById("f-" + row.dataset.id), text: null,
  }));
  const byId = new Map(rows.map((one) => [one.data.id, one]));
  const boxes = $$("input[type=checkbox]", form);
  const search = $("#search");
  const searched = "h3, .where, .evidence, .program, .seen";
  const textOf = (one) => one.text ??= [one.row, ...$$(searched, one.article)]
    .map((part) => part.textContent).concat(one.data.id).join(" ").toLowerCase();

  const values = (one, facet) => (facet === "op" ? one.data.op.split("\n") : [one.data[facet]]);
  function chosen() {
    const picked = Object.fromEntries(facets.map((facet) => [facet, new Set()]));
    for (const box of boxes) if (box.checked) picked[box.name].add(box.value);
    return picked;
  }
  function apply() {
    const picked = chosen();
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const counts = new Map(boxes.map((box) => [box, 0]));
    const at = new Map(boxes.map((box) => [box.name + "\n" + box.value, box]));
    let shown = 0;
    for (const one of rows) {
      const text = words.length ? textOf(one) : "";
      const found = words.every((word) => text.includes(word));
      const missed = found ? facets.filter((facet) => picked[facet].size && !values(one, facet).some((value) => picked[facet].has(value))) : null;
      const fits = found && missed.length === 0;
      one.row.hidden = one.article.hidden = !fits;
      shown += fits;
      if (!found || missed.length > 1) continue;
      // A value's count says what choosing it as well would show: the other facets' filters apply, its own do not.
      for (const facet of missed.length ? missed : facets) {
        for (const value of values(one, facet)) {
          const box = at.get(facet + "\n" + value);
          counts.set(box, counts.get(box) + 1);
        }
      }
    }
    for (const [box, count] of counts) {
      const label = box.parentElement;
      $("b", label).textContent = count.toLocaleString("en");
      label.classList.toggle("zero", count === 0);
    }
    $("#shown").textContent = shown === rows.length ? shown.toLocaleString("en")
      : `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    $("#none").hidden = shown > 0;
  }

  // --- order
  const heads = $$("#table th[data-sort]");
  const stateOrder = ["new", "back", "known", "fixed"];
  const keys = {
    state: (one) => stateOrder.indexOf(one.data.state),
    count: (one) => Number(one.data.count),
    text: (one) => one.row.cells[1].textContent,
  };
  const keyOf = (name) => keys[name] || ((one) => one.data[name]);
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
  function sort(name, descending) {
    const key = keyOf(name);
    const ordered = rows.map((one) => [key(one), one]);
    ordered.sort(([a, one], [b, other]) => (descending ? -1 : 1) * compare(a, b) || one.place - other.place);
    body.append(...ordered.map(([, one]) => one.row));
    const details = $("#details");
    details.append(...ordered.map(([, one]) => one.article));
    for (const head of heads) {
      if (head.dataset.sort === name) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.setAttribute("aria-sort", "none");
    }
  }
  let order = { name: "state", descending: false };
  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const name = head.dataset.sort;
      const first = name === "count" || name === "seen";
      order = { name, descending: order.name === name ? !order.descending : first };
      sort(name, order.descending);
      write();
    });
  }

  // --- the address keeps filters and order, the fragment the finding
  function write() {
    const query = new URLSearchParams();
    if (search.value) query.set("q", search.value);
    for (const box of boxes) if (box.checked) query.append(box.name, box.value);
    if (order.name !== "state" || order.descending) query.set("sort", (order.descending ? "-" : "") + order.name);
    const text = query.toString();
    try { history.replaceState(null, "", location.pathname + (text ? "?" + text : "") + location.hash); } catch { /* fine */ }
  }
  function read() {
    const query = new URLSearchParams(location.search);
    search.value = query.get("q") || "";
    for (const box of boxes) box.checked = query.getAll(box.name).includes(box.value);
    const wanted = query.get("sort") || "state";
    const name = wanted.replace(/^-/, "");
    if (heads.some((head) => head.dataset.sort === name)) order = { name, descending: wanted.startsWith("-") };
    if (wanted !== "state") sort(order.name, order.descending);
    apply();
  }
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { apply(); write(); }, 60);
  });
  form.addEventListener("reset", () => setTimeout(() => { apply(); write(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("popstate", read);

  // --- going to a finding
  function show(one) {
    one.row.hidden = one.article.hidden = false;
    settle(one.article);
    one.article.focus({ preventScroll: true });
  }
  function follow() {
    const one = byId.get(location.hash.replace(/^#f-/, ""));
    if (one) show(one);
  }
  window.addEventListener("hashchange", follow);
  function step(by) {
    const open = $$("article", $("#details")).filter((article) => !article.hidden);
    const at = open.indexOf(document.activeElement.closest("article"));
    const next = open[at < 0 ? (by > 0 ? 0 : open.length - 1) : Math.min(Math.max(at + by, 0), open.length - 1)];
    if (next) show(byId.get(next.dataset.id));
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input[type=search]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "t") { $("#findings").scrollIntoView(); $("#table a").focus({ preventScroll: true }); }
  });

  read();
  follow();
})();
