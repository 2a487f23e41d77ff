// Every part of the page, in its order.
summary();
if (data.comparison) comparisonPart();
classes();
curves();
pairs();
samples();
if (data.graph) graphPart();
document.documentElement.dataset.ready = 'true';
