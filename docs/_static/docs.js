// What a theme cannot know: the names of columns for narrow screens, and how Adobe's codes are searched for.

document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("article table.docutils")) {
    const columns = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    table.classList.add("stacked");
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, number) => {
        if (number > 0 && columns.length > 2 && columns[number]) cell.dataset.column = columns[number];
        cell.classList.toggle("empty", !cell.querySelector("img") && !cell.textContent.trim());
      });
    }
  }
});

// A message says FLOW-1307-400 or CONNECTOR-1001-500; the pages list 1307-400 and CONNECTOR-1001.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  const query = Search.query;
  Search.query = (text) => {
    const code = text.trim().toLowerCase();
    const spellings = [code, code.replace(/^[a-z]+-/, ""), code.replace(/-\d{3}$/, "")];
    query(spellings.find((spelling) => spelling in Search._index.indexentries) ?? text);
  };
});
