using SoftIov.Benchmarks;
using SoftIov.Benchmarks.Report;

MachineFacts.Begin();
return await BenchCommandLine.RunAsync(args);
