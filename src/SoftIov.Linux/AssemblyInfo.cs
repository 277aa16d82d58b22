// Every signature in this project is blittable; a non-blittable one fails to compile instead of being marshalled at run time.
[assembly: System.Runtime.CompilerServices.DisableRuntimeMarshalling]
