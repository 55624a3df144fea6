// The search: rows that have all the words that were typed stay; headings without rows go.
(function () {
  "use strict";
  var box = document.querySelector(".search");
  var input = document.getElementById("search");
  var hits = document.getElementById("hits");
  var rows = Array.prototype.slice.call(document.querySelectorAll("tbody[id]"));
  var groups = Array.prototype.slice.call(document.querySelectorAll(".group"));
  var sections = Array.prototype.slice.call(document.querySelectorAll("main > section"));
  var texts = rows.map(function (row) { return fold(row.getAttribute("data-words")); });
  var links = {};
  Array.prototype.forEach.call(document.querySelectorAll("#contents li"), function (item) {
    links[item.querySelector("a").hash.slice(1)] = item;
  });

  function fold(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  }

  function hide(element, wanted) {
    if (element.hidden !== wanted) { element.hidden = wanted; }
  }

  function shown(element) {
    return element.querySelector("tbody[id]:not([hidden])") !== null;
  }

  function search() {
    var words = fold(input.value).split(/\s+/).filter(Boolean);
    var count = 0;
    rows.forEach(function (row, i) {
      var fits = words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      hide(row, !fits);
      count += fits ? 1 : 0;
    });
    groups.forEach(function (group) { hide(group, !shown(group)); });
    sections.forEach(function (section) {
      hide(section, !shown(section));
      hide(links[section.id], section.hidden);
    });
    hits.textContent = words.length ? count + " of " + rows.length : "";
  }

  // what a link leads to must be there to be seen, and is opened
  function reveal() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var row = target && target.closest("tbody[id]");
    if (!row) { return; }
    if (row.hidden) { input.value = ""; search(); }
    row.querySelector("details").open = true;
    target.scrollIntoView();
  }

  input.addEventListener("input", search);
  input.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { input.value = ""; search(); input.blur(); }
  });
  document.addEventListener("keydown", function (event) {
    var typing = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
  window.addEventListener("hashchange", reveal);
  box.hidden = false;
  search();
  reveal();
})();
