"use strict";
// The theme: light, dark, or the system's. The choice in the inbox applies here too. This script runs before the page is drawn.

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

function showTheme() {
  const chosen = localStorage.getItem("tgo-theme") ?? "auto";
  document.documentElement.dataset.theme = chosen;
  document.documentElement.classList.toggle("dark-mode", chosen === "dark" || (chosen !== "light" && darkSystem.matches)); // Swagger UI's
}

showTheme();
darkSystem.addEventListener("change", showTheme);
addEventListener("storage", showTheme); // set in another tab
