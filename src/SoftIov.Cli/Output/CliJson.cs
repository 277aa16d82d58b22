using System.Text.Json.Serialization;

namespace SoftIov.Cli.Output;

/// <summary>JSON of what only the command line prints; the rest is the control protocol's.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(StatsRates))]
internal sealed partial class CliJson : JsonSerializerContext;
