// The reader's choice of a theme, before the first paint: without one the system's is followed.
{
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
