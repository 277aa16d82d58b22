using System.Text.Json;

namespace SoftIov.Benchmarks.Report;

/// <summary>What <c>--json</c> adds: the last line, one document with the results and the machine.</summary>
internal static class BenchReport
{
    /// <summary>Writes the line.</summary>
    public static void Write<T>(string bench, int runs, IReadOnlyList<T> results) =>
        Console.WriteLine(JsonSerializer.Serialize(new { bench, runs, machine = MachineFacts.Read(), results }, JsonSerializerOptions.Web));
}
