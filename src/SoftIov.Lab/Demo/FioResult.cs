using System.Text.Json;

namespace SoftIov.Lab.Demo;

/// <summary>What fio found, from its JSON (fio(1), "JSON output"; what it prints before the document is passed over).</summary>
/// <param name="Error">The first errno, 0 for none.</param>
/// <param name="VerifyErrors">Blocks whose checksum was wrong, if it was told to go on after such.</param>
/// <param name="Reads">Blocks read, those read to verify included.</param>
/// <param name="Writes">Blocks written.</param>
/// <param name="ReadMegabytesPerSecond">Mean rate of reads.</param>
internal readonly record struct FioResult(int Error, int VerifyErrors, int Reads, int Writes, double ReadMegabytesPerSecond)
{
    /// <summary>Reads the result of one job; what is none is a <see cref="DemoException"/>.</summary>
    public static FioResult Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text[Math.Max(0, text.IndexOf('{', StringComparison.Ordinal))..]);
            JsonElement job = document.RootElement.GetProperty("jobs")[0];
            JsonElement read = job.GetProperty("read");
            return new FioResult(
                job.GetProperty("error").GetInt32(),
                job.TryGetProperty("total_err", out JsonElement errors) ? errors.GetInt32() : 0,
                read.GetProperty("total_ios").GetInt32(),
                job.GetProperty("write").GetProperty("total_ios").GetInt32(),
                read.GetProperty("bw_bytes").GetDouble() / 1e6);
        }
        catch (Exception error) when (
            error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new DemoException($"fio did not say what it found: {text}", fix: null, error);
        }
    }
}
