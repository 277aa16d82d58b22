namespace SoftIov.Benchmarks.Scale;

/// <summary>One time of enabling and disabling all VFs.</summary>
internal readonly record struct ScaleSample(double EnableSeconds, double DisableSeconds, double BytesPerVf, double DescriptorsPerVf);
