"use strict";

// Copy buttons appear only where the browser allows copying: over https, or on this machine.
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  const text = document.getElementById(button.dataset.copy).textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
}
