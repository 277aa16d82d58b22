using System.Text.Json.Serialization;

namespace SoftIov.Daemon.Hosting;

/// <summary>Leases as they are saved.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Lease[]))]
internal sealed partial class LeaseJson : JsonSerializerContext;
