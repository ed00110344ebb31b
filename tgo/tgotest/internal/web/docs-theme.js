"use strict";
// Light, dark, or as the system has it: what was chosen in the inbox holds here too. This runs before the page is seen.

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

function showTheme() {
  const chosen = localStorage.getItem("tgo-theme") ?? "auto";
  document.documentElement.dataset.theme = chosen;
  document.documentElement.classList.toggle("dark-mode", chosen === "dark" || (chosen !== "light" && darkSystem.matches)); // Swagger UI's
}

showTheme();
darkSystem.addEventListener("change", showTheme);
addEventListener("storage", showTheme); // another tab chose
