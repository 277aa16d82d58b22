using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>JSON of the control protocol and of stored desired state: camelCase, unknown members refused, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = ControlLimits.Depth)]
[JsonSerializable(typeof(RpcMessage))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(ErrorData))]
[JsonSerializable(typeof(Personality))]
[JsonSerializable(typeof(DesiredState))]
[JsonSerializable(typeof(NetAdapterSpec))]
[JsonSerializable(typeof(NetVfSpec))]
[JsonSerializable(typeof(NetAdapterStatus))]
[JsonSerializable(typeof(NetFunctionStatus))]
[JsonSerializable(typeof(NetCounters))]
[JsonSerializable(typeof(NvmeAdapterSpec))]
[JsonSerializable(typeof(NvmeVfSpec))]
[JsonSerializable(typeof(NvmeAdapterStatus))]
[JsonSerializable(typeof(NvmeFunctionStatus))]
[JsonSerializable(typeof(NvmeCounters))]
[JsonSerializable(typeof(VersionResult))]
[JsonSerializable(typeof(EmptyRequest))]
[JsonSerializable(typeof(EmptyResult))]
[JsonSerializable(typeof(ApplyRequest))]
[JsonSerializable(typeof(ApplyResult))]
[JsonSerializable(typeof(SetRequest))]
[JsonSerializable(typeof(NamespaceRequest))]
[JsonSerializable(typeof(GetRequest))]
[JsonSerializable(typeof(GetResult))]
[JsonSerializable(typeof(DescribeRequest))]
[JsonSerializable(typeof(DescribeResult))]
[JsonSerializable(typeof(AttachRequest))]
[JsonSerializable(typeof(AttachResult))]
[JsonSerializable(typeof(DetachRequest))]
[JsonSerializable(typeof(DetachResult))]
[JsonSerializable(typeof(LspciRequest))]
[JsonSerializable(typeof(LspciResult))]
[JsonSerializable(typeof(InjectRequest))]
[JsonSerializable(typeof(InjectResult))]
[JsonSerializable(typeof(StatsResult))]
[JsonSerializable(typeof(CaptureRequest))]
[JsonSerializable(typeof(CaptureResult))]
[JsonSerializable(typeof(CaptureStopRequest))]
[JsonSerializable(typeof(CaptureChunk))]
[JsonSerializable(typeof(DaemonEvent))]
[JsonSerializable(typeof(EventsRequest))]
[JsonSerializable(typeof(EventsResult))]
[JsonSerializable(typeof(SettingsRequest))]
[JsonSerializable(typeof(SettingsResult))]
public sealed partial class ControlJson : JsonSerializerContext;
