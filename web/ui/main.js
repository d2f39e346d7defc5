// The first page: fetches the DAGs and lists them.
const response = await fetch("/api/v1/dags");
const { dags } = await response.json();
document.getElementById("app").replaceChildren(...dags.map((dag) => {
  const line = document.createElement("p");
  line.textContent = dag.dag_id;
  return line;
}));
