using System.Text.Json;
using System.Text.Json.Serialization;

namespace SoftIov.Lab.Demo;

/// <summary>JSON of the summary.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(NetSummary))]
[JsonSerializable(typeof(WholeSummary))]
[JsonSerializable(typeof(DiskSummary))]
internal sealed partial class DemoJson : JsonSerializerContext;
